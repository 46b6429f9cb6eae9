#include "runtime/checkers/search_memory.hpp"

#include <algorithm>

namespace us {

namespace {

/// Spreads a number over 64 bits (the finalizer of splitmix64, Steele et al. 2014).
std::uint64_t spread(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30u)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27u)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31u);
}

constexpr std::size_t row_head = 2;  ///< hash and state, before the set

}  // namespace

search_memory::search_memory(std::size_t operations)
    : words_((operations + 63) / 64), set_(words_), table_(64) {}

void search_memory::flip(std::uint32_t operation) {
  set_[operation / 64] ^= std::uint64_t{1} << (operation % 64);
  set_hash_ ^= spread(operation + 1);
}

std::uint64_t* search_memory::row(std::size_t number) const {
  return blocks_[number / block_rows].get() + (number % block_rows) * (words_ + row_head);
}

bool search_memory::same(std::size_t number, std::uint64_t hash, std::uint32_t state) const {
  const auto* r = row(number);
  return r[0] == hash && r[1] == state && std::equal(set_.begin(), set_.end(), r + row_head);
}

void search_memory::grow() {
  table_.assign(table_.size() * 2, 0);
  for (std::size_t number = 0; number < rows_; ++number) {
    auto at = row(number)[0] & (table_.size() - 1);
    while (table_[at] != 0) at = (at + 1) & (table_.size() - 1);
    table_[at] = static_cast<std::uint32_t>(number + 1);
  }
}

bool search_memory::remember(std::uint32_t state) {
  const auto hash = spread(set_hash_ ^ spread(std::uint64_t{state} << 32u));
  auto at = hash & (table_.size() - 1);
  for (; table_[at] != 0; at = (at + 1) & (table_.size() - 1))
    if (same(table_[at] - 1, hash, state)) return false;
  if (rows_ == blocks_.size() * block_rows)
    blocks_.push_back(std::make_unique<std::uint64_t[]>(block_rows * (words_ + row_head)));
  auto* r = row(rows_);
  r[0] = hash;
  r[1] = state;
  std::ranges::copy(set_, r + row_head);
  table_[at] = static_cast<std::uint32_t>(++rows_);
  if (rows_ * 2 > table_.size()) grow();
  return true;
}

std::size_t search_memory::bytes() const {
  return blocks_.size() * block_rows * (words_ + row_head) * sizeof(std::uint64_t) +
         table_.size() * sizeof(std::uint32_t);
}

}  // namespace us
