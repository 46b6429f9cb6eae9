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
    : blocks_(std::move(other.blocks_)),
      tags_(std::move(other.tags_)),
      capacity_(std::exchange(other.capacity_, 0)),
      count_(std::exchange(other.count_, 0)) {}

slot_table& slot_table::operator=(slot_table&& other) noexcept {
  if (this == &other) return *this;
  release();
  blocks_ = std::move(other.blocks_);
  tags_ = std::move(other.tags_);
  capacity_ = std::exchange(other.capacity_, 0);
  count_ = std::exchange(other.count_, 0);
  return *this;
}

slot_table::~slot_table() {
  release();
}

void slot_table::release() {
  for (std::uint32_t i = 0; i < capacity_; ++i)
    if (blocks_[i]) free_block(blocks_[i]);
  capacity_ = count_ = 0;
}

slot_table::entry slot_table::read(const std::byte* block) {
  auto length = lengths_of(block);
  const auto* text = reinterpret_cast<const char*>(block + head_bytes);
  return {{text + length.value, length.key}, {text, length.value}};
}

std::uint32_t slot_table::locate(std::string_view key, std::uint64_t hash) const {
  if (capacity_ == 0) return nowhere;
  for (auto at = home(hash); blocks_[at]; at = (at + 1) & (capacity_ - 1))
    if (tags_[at] == tag(hash) && read(blocks_[at]).key == key) return at;
  return nowhere;
}

const std::byte* slot_table::find(std::string_view key, std::uint64_t hash) const {
  auto at = locate(key, hash);
  return at == nowhere ? nullptr : blocks_[at];
}

bool slot_table::put(std::string_view key, std::uint64_t hash, std::string_view value) {
  auto at = locate(key, hash);
  if (at != nowhere) {
    if (lengths_of(blocks_[at]).value == value.size()) {
      value.copy(reinterpret_cast<char*>(blocks_[at] + head_bytes), value.size());
    } else {
      auto* block = new_block(key, value);  // `key` may lie in the block that goes
      free_block(std::exchange(blocks_[at], block));
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
  free_block(std::exchange(blocks_[hole], nullptr));
  --count_;
  // Moves up what was pushed past the hole, so that no lookup stops early.
  const auto mask = capacity_ - 1;
  for (auto at = (hole + 1) & mask; blocks_[at]; at = (at + 1) & mask) {
    auto wanted = home(key_hash(read(blocks_[at]).key));
    if (((at - wanted) & mask) < ((at - hole) & mask)) continue;
    blocks_[hole] = std::exchange(blocks_[at], nullptr);
    tags_[hole] = tags_[at];
    hole = at;
  }
  return true;
}

void slot_table::place(std::byte* block, std::uint64_t hash) {
  auto at = home(hash);
  while (blocks_[at]) at = (at + 1) & (capacity_ - 1);
  blocks_[at] = block;
  tags_[at] = tag(hash);
}

void slot_table::grow() {
  auto old_blocks = std::move(blocks_);
  auto old_capacity = capacity_;
  auto capacity = old_capacity == 0 ? 4u : old_capacity * 2;
  blocks_ = std::make_unique<std::byte*[]>(capacity);
  tags_ = std::make_unique<std::uint8_t[]>(capacity);
  capacity_ = capacity;
  for (std::uint32_t i = 0; i < old_capacity; ++i)
    if (old_blocks[i]) place(old_blocks[i], key_hash(read(old_blocks[i]).key));
}

}  // namespace us
