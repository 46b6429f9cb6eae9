#include "actors/active_passive/lease_rules.hpp"

#include <algorithm>

namespace us::active_passive::rules {

answer lease_book::judge(const promise& asked, time_point now) {
  if (asked.epoch < promise_.epoch) return answer::refused;
  if (asked.epoch == promise_.epoch && asked.holder != promise_.holder) return answer::refused;
  // Another may rely on this node's grant; so may, after a start, the one it promised to last.
  if (now < ends_ && asked.holder != granted_.holder) return answer::refused;
  if (asked != promise_) return answer::promise_first;
  granted_ = asked;
  ends_ = now + lease_;
  return answer::granted;
}

void lease_book::promised(const promise& durable) {
  if (durable.epoch > promise_.epoch) promise_ = durable;
}

void lease_book::released(const promise& by) {
  if (by == granted_) ends_ = time_point{};
}

std::uint64_t lease_tally::ask(time_point now) {
  rounds_[++round_].asked = now;
  if (rounds_.size() > rounds_max) rounds_.erase(rounds_.begin());
  return round_;
}

bool lease_tally::granted(std::uint64_t number, node_id by) {
  const auto at = rounds_.find(number);
  if (at == rounds_.end()) return false;
  at->second.by.insert(by);
  if (at->second.by.size() <= members_ / 2) return false;
  held_until_ = std::max(held_until_, at->second.asked + hold_);
  return true;
}

}  // namespace us::active_passive::rules
