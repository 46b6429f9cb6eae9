#include "runtime/state/slot_table.hpp"

#include <xxhash.h>

#include <cstring>
#include <new>
#include <utility>

namespace us {
namespace {

constexpr std::size_t head_bytes = 8;

struct lengths {
  std::uint32_t key;
  std::uint32_t value;
};

lengths lengths_of(const std::byte* block) {
  lengths both;
  std::memcpy(&both, block, sizeof both);
  return both;
}

void write_block(std::byte* block, std::string_view key, std::string_view value) {
  lengths both{static_cast<std::uint32_t>(key.size()), static_cast<std::uint32_t>(value.size())};
  std::memcpy(block, &both, sizeof both);
  value.copy(reinterpret_cast<char*>(block + head_bytes), value.size());
  key.copy(reinterpret_cast<char*>(block + head_bytes + value.size()), key.size());
}

std::byte* new_block(std::string_view key, std::string_view value) {
  auto* block = static_cast<std::byte*>(::operator new(head_bytes + key.size() + value.size()));
  write_block(block, key, value);
  return block;
}

void free_block(std::byte* block) {
  ::operator delete(block);
}

}  // namespace

std::uint64_t key_hash(std::string_view key) {
  return XXH3_64bits(key.data(), key.size());
}

slot_table::slot_table(slot_table&& other) noexcept
    : cells_(std::move(other.cells_)),
      capacity_(std::exchange(other.capacity_, 0)),
      count_(std::exchange(other.count_, 0)) {}

slot_table& slot_table::operator=(slot_table&& other) noexcept {
  if (this == &other) return *this;
  release();
  cells_ = std::move(other.cells_);
  capacity_ = std::exchange(other.capacity_, 0);
  count_ = std::exchange(other.count_, 0);
  return *this;
}

slot_table::~slot_table() {
  release();
}

void slot_table::release() {
  for (std::uint32_t i = 0; i < capacity_; ++i)
    if (blocks()[i]) free_block(blocks()[i]);
  capacity_ = count_ = 0;
}

slot_table::entry slot_table::read(const std::byte* block) {
  auto length = lengths_of(block);
  const auto* text = reinterpret_cast<const char*>(block + head_bytes);
  return {{text + length.value, length.key}, {text, length.value}};
}

std::uint32_t slot_table::locate(std::string_view key, std::uint64_t hash) const {
  if (capacity_ == 0) return nowhere;
  for (auto at = home(hash); blocks()[at]; at = (at + 1) & (capacity_ - 1))
    if (tags()[at] == tag(hash) && read(blocks()[at]).key == key) return at;
  return nowhere;
}

void slot_table::fetch_cells(std::uint64_t hash) const {
  if (capacity_ == 0) return;
  __builtin_prefetch(&tags()[home(hash)]);
  __builtin_prefetch(&blocks()[home(hash)]);
}

void slot_table::fetch_block(std::uint64_t hash) const {
  if (capacity_ == 0) return;
  constexpr std::size_t line = 64;
  const auto* block = blocks()[home(hash)];
  if (block == nullptr) return;
  for (std::size_t i = 0; i < 3; ++i) __builtin_prefetch(block + i * line);  // beyond it: no harm
}

void slot_table::fetch_blocks() const {
  for (std::uint32_t i = 0; i < capacity_; ++i) __builtin_prefetch(blocks()[i]);
}

const std::byte* slot_table::find(std::string_view key, std::uint64_t hash) const {
  auto at = locate(key, hash);
  return at == nowhere ? nullptr : blocks()[at];
}

bool slot_table::put(std::string_view key, std::uint64_t hash, std::string_view value) {
  auto at = locate(key, hash);
  if (at != nowhere) {
    if (lengths_of(blocks()[at]).value == value.size()) {
      value.copy(reinterpret_cast<char*>(blocks()[at] + head_bytes), value.size());
    } else {
      auto* block = new_block(key, value);  // `key` may lie in the block that goes
      free_block(std::exchange(blocks()[at], block));
    }
    return false;
  }
  if ((count_ + 1) * 8ull > capacity_ * 7ull) grow();
  place(new_block(key, value), hash);
  ++count_;
  return true;
}

bool slot_table::erase(std::string_view key, std::uint64_t hash) {
  auto hole = locate(key, hash);
  if (hole == nowhere) return false;
  free_block(std::exchange(blocks()[hole], nullptr));
  --count_;
  // Moves up what was pushed past the hole, so that no lookup stops early.
  const auto mask = capacity_ - 1;
  for (auto at = (hole + 1) & mask; blocks()[at]; at = (at + 1) & mask) {
    auto wanted = home(key_hash(read(blocks()[at]).key));
    if (((at - wanted) & mask) < ((at - hole) & mask)) continue;
    blocks()[hole] = std::exchange(blocks()[at], nullptr);
    tags()[hole] = tags()[at];
    hole = at;
  }
  return true;
}

void slot_table::place(std::byte* block, std::uint64_t hash) {
  auto at = home(hash);
  while (blocks()[at]) at = (at + 1) & (capacity_ - 1);
  blocks()[at] = block;
  tags()[at] = tag(hash);
}

void slot_table::grow() {
  const auto old_blocks = std::move(cells_);
  const auto old_capacity = capacity_;
  capacity_ = old_capacity == 0 ? 4u : old_capacity * 2;
  cells_ = std::make_unique<std::byte*[]>(capacity_ + (capacity_ + sizeof(std::byte*) - 1) /
                                                          sizeof(std::byte*));
  for (std::uint32_t i = 0; i < old_capacity; ++i)
    if (old_blocks[i]) place(old_blocks[i], key_hash(read(old_blocks[i]).key));
}

}  // namespace us
