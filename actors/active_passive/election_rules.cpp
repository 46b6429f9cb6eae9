#include "actors/active_passive/election_rules.hpp"

#include <algorithm>

namespace us::active_passive::rules {

bool outranks(const claim& one, const claim& other) {
  if (one.epoch != other.epoch) return one.epoch > other.epoch;
  if (one.priority != other.priority) return one.priority > other.priority;
  return one.node < other.node;
}

std::size_t rank(const contender& own, const std::vector<contender>& others) {
  return static_cast<std::size_t>(
      std::count_if(others.begin(), others.end(), [&own](const contender& other) {
        if (other.priority != own.priority) return other.priority > own.priority;
        return other.node < own.node;
      }));
}

time_point takeover_at(const watched& known, const patience& with, std::size_t rank) {
  if (known.active_gone) return *known.active_gone + with.skew(rank);
  const auto heard = known.active_heard.value_or(known.listening_since);
  return std::max(heard, known.listening_since) + with.silence() + with.skew(rank);
}

duration overlap(duration own_active_for, duration own_ended_ago, duration other_active_for) {
  return std::max(std::min(own_active_for, other_active_for - own_ended_ago), duration{0});
}

void flap_history::became_active(time_point now) {
  times_.push_back(now);
  if (times_.size() > most_) times_.pop_front();
}

bool flap_history::damped(time_point now) const {
  return most_ > 0 && times_.size() >= most_ && now - times_.front() < window_;
}

}  // namespace us::active_passive::rules
