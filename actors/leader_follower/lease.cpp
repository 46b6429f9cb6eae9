#include "actors/leader_follower/lease.hpp"

#include <algorithm>
#include <iterator>

namespace us {

void round_times::sent(std::uint64_t round, time_point at) {
  if (!entries_.empty() && at - entries_.back().at < std::chrono::milliseconds{1}) return;
  entries_.push_back({round, at});
  if (entries_.size() > kept_max) entries_.pop_front();
}

std::optional<time_point> round_times::of(std::uint64_t round) const {
  const auto after = std::ranges::upper_bound(entries_, round, {}, &entry::round);
  if (after == entries_.begin()) return std::nullopt;
  return std::prev(after)->at;
}

}  // namespace us
