#include "runtime/supervision/supervision_rules.hpp"

#include <algorithm>

namespace us::supervision {

bool restarts(restart kind, bool in_order) {
  switch (kind) {
    case restart::permanent: return true;
    case restart::transient: return !in_order;
    case restart::temporary: return false;
  }
  return false;
}

std::size_t first_affected(strategy kind, std::size_t failed) {
  return kind == strategy::one_for_all ? 0 : failed;
}

std::size_t end_affected(strategy kind, std::size_t failed, std::size_t count) {
  return kind == strategy::one_for_one ? failed + 1 : count;
}

duration backoff(const restart_policy& policy, std::size_t attempt, std::uint64_t chance) {
  auto full = std::max(duration{0}, std::min(policy.backoff_min, policy.backoff_max));
  for (std::size_t i = 1; i < attempt && full < policy.backoff_max; ++i)
    full = full > policy.backoff_max / 2 ? policy.backoff_max : full * 2;
  const auto half = full / 2;
  const auto rest = static_cast<std::uint64_t>((full - half).count());
  return half + duration{static_cast<duration::rep>(chance % (rest + 1))};
}

bool restart_window::allows(time_point now) {
  while (!times_.empty() && now - times_.front() >= policy_.window) times_.pop_front();
  times_.push_back(now);
  return times_.size() <= policy_.restarts_max;
}

std::size_t failure_streak::failed(const restart_policy& policy, time_point started,
                                   time_point now) {
  if (now - started >= policy.window) attempts_ = 0;
  return ++attempts_;
}

}  // namespace us::supervision
