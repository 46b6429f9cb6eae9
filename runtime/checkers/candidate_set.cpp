#include "runtime/checkers/candidate_set.hpp"

#include <algorithm>
#include <bit>

namespace us {

namespace {

/// Whether `a` allows all that `b` does.
bool includes(candidate_view a, candidate_view b) {
  for (std::size_t at = 1; at < a.size(); ++at)
    if ((b[at] & ~a[at]) != 0) return false;
  return true;
}

std::uint64_t hash_of(candidate_view c) {
  std::uint64_t hash = 0;
  for (const auto word : c) {
    hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 29u;
  }
  return hash;
}

int allowed_bits(candidate_view c) {
  int bits = 0;
  for (const auto word : c.subspan(1)) bits += std::popcount(word);
  return bits;
}

}  // namespace

bool candidate_set::covers(candidate_view c) const {
  if (const auto same = by_hash_.find(hash_of(c)); same != by_hash_.end())
    for (const auto number : same->second)
      if (std::ranges::equal(row(number), c)) return true;
  const auto found = by_state_.find(c[0]);
  if (found == by_state_.end()) return false;
  const auto& numbers = found->second;
  const auto compared = std::min(numbers.size(), compared_max);
  return std::any_of(numbers.rbegin(), numbers.rbegin() + static_cast<std::ptrdiff_t>(compared),
                     [&](std::uint32_t number) { return includes(row(number), c); });
}

bool candidate_set::add(candidate_view c) {
  if (covers(c)) return false;
  auto& numbers = by_state_[c[0]];
  const auto compared = std::min(numbers.size(), compared_max);
  const auto from = numbers.end() - static_cast<std::ptrdiff_t>(compared);
  numbers.erase(std::remove_if(from, numbers.end(),
                               [&](std::uint32_t number) {
                                 if (!includes(c, row(number))) return false;
                                 dropped_[number] = true;
                                 --alive_;
                                 return true;
                               }),
                numbers.end());
  const auto number = static_cast<std::uint32_t>(dropped_.size());
  rows_.insert(rows_.end(), c.begin(), c.end());
  dropped_.push_back(false);
  numbers.push_back(number);
  by_hash_[hash_of(c)].push_back(number);
  ++alive_;
  return true;
}

void candidate_set::clear() {
  rows_.clear();
  dropped_.clear();
  by_state_.clear();
  by_hash_.clear();
  alive_ = 0;
}

std::size_t candidate_set::bytes() const {
  constexpr std::size_t bookkeeping = 120;  // of the two maps, per candidate
  return dropped_.size() * (layout_.row() * sizeof(std::uint64_t) + bookkeeping);
}

void candidate_set::keep_best(std::size_t count) {
  std::vector<candidate> all;
  each([&](candidate_view c) { all.emplace_back(c.begin(), c.end()); });
  std::ranges::stable_sort(all, std::ranges::greater{},
                           [](const candidate& c) { return allowed_bits(c); });
  clear();
  for (std::size_t at = 0; at < std::min(count, all.size()); ++at) add(all[at]);
}

}  // namespace us
