#include "runtime/log/entry_cache.hpp"

namespace us {
namespace {

constexpr std::uint64_t overhead_bytes = 64;  // an entry's own, so that empty ones are bounded too

std::uint64_t cost(const log_entry& entry) {
  return entry.bytes->size() + overhead_bytes;
}

}  // namespace

void entry_cache::push(log_entry entry) {
  bytes_ += cost(entry);
  entries_.push_back(std::move(entry));
}

void entry_cache::truncate_after(log_index last) {
  while (!entries_.empty() && entries_.back().index > last) {
    bytes_ -= cost(entries_.back());
    entries_.pop_back();
  }
}

void entry_cache::forget_until(log_index last) {
  while (!entries_.empty() && entries_.front().index <= last) {
    bytes_ -= cost(entries_.front());
    entries_.pop_front();
  }
}

void entry_cache::clear() {
  entries_.clear();
  bytes_ = 0;
}

void entry_cache::trim(log_index durable) {
  while (bytes_ > bytes_max_ && !entries_.empty() && entries_.front().index <= durable) {
    bytes_ -= cost(entries_.front());
    entries_.pop_front();
  }
}

std::vector<log_entry> entry_cache::from(log_index first, std::size_t bytes_max) const {
  std::vector<log_entry> found;
  if (!has(first)) return found;
  std::size_t bytes = 0;
  for (auto at = first.value - entries_.front().index.value; at < entries_.size(); ++at) {
    bytes += entries_[at].bytes->size();
    if (bytes > bytes_max && !found.empty()) break;
    found.push_back(entries_[at]);
  }
  return found;
}

bool entry_cache::has(log_index index) const {
  return !entries_.empty() && index >= entries_.front().index && index <= entries_.back().index;
}

}  // namespace us
