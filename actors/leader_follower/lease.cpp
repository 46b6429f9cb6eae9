#include "actors/leader_follower/lease.hpp"

#include <algorithm>

namespace us {

void round_times::sent(std::uint64_t round, time_point at) {
  entries_.push_back({round, at});
  if (entries_.size() > kept_max) entries_.pop_front();
}

std::optional<time_point> round_times::of(std::uint64_t round) const {
  const auto found = std::ranges::lower_bound(entries_, round, {}, &entry::round);
  if (found == entries_.end() || found->round != round) return std::nullopt;
  return found->at;
}

}  // namespace us
