#include "actors/leader_follower/freshness.hpp"

#include "runtime/mutants.hpp"

#include <algorithm>

namespace us {

void freshness::learn(const read_point& point, log_index applied) {
  const auto known = newest();
  if (known && point.as_of <= *known) return;
  // A later leader's answer may name less than an earlier one's: all of it was committed before.
  while (!ahead_.empty() && ahead_.back().index >= point.index) ahead_.pop_back();
  if (ahead_.size() == ahead_max) ahead_.pop_back();
  ahead_.push_back(point);
  reach(applied);
}

void freshness::reach(log_index applied) {
  while (!ahead_.empty() && ahead_.front().index <= applied) {
    as_of_ = std::max(as_of_.value_or(ahead_.front().as_of), ahead_.front().as_of);
    ahead_.pop_front();
  }
}

std::optional<time_point> freshness::newest() const {
  return ahead_.empty() ? as_of_ : ahead_.back().as_of;
}

std::optional<time_point> wanted_as_of(const read_policy& how, time_point arrived) {
  if (how.who == read_policy::kind::local) return std::nullopt;
  return arrived - how.staleness;
}

bool may_answer(const read_policy& how, time_point arrived, log_index applied,
                std::optional<time_point> as_of) {
  if (applied < how.after && !mutant(bug::read_before_after)) return false;
  const auto wanted = wanted_as_of(how, arrived);
  if (!wanted || mutant(bug::follower_read_unbounded)) return true;
  return as_of && *as_of >= *wanted;
}

}  // namespace us
