#include "actors/router/call.hpp"

#include <algorithm>

namespace us {

namespace {

duration patience_of(const attempt& a, const call_times& times) {
  return times.attempt_timeout * (1u << std::min(a.sends - 1, 10u));
}

}  // namespace

bool call::in_doubt() const {
  return std::any_of(attempts.begin(), attempts.end(), [](const attempt& a) { return !a.refused; });
}

bool call::waits_for(std::size_t target) const {
  return std::any_of(attempts.begin(), attempts.end(), [target](const attempt& a) {
    return a.target == target && !a.refused && !a.late;
  });
}

bool call::tried(std::size_t target) const {
  return std::any_of(attempts.begin(), attempts.end(),
                     [target](const attempt& a) { return a.target == target; });
}

attempt* call::newest_open() {
  auto at = std::find_if(attempts.rbegin(), attempts.rend(),
                         [](const attempt& a) { return !a.refused && !a.late; });
  return at == attempts.rend() ? nullptr : &*at;
}

const attempt* call::newest_open() const {
  return const_cast<call*>(this)->newest_open();
}

bool overdue(const call& c, time_point now) {
  const auto since = c.attempts.empty() ? c.submitted : c.attempts.back().sent_at;
  return now - since >= (c.deadline - c.submitted) / 4;
}

call_step next_step(const call& c, time_point now, const call_times& times) {
  if (now >= c.deadline) return call_step::expire;
  if (!c.in_doubt()) return call_step::send;
  const auto* newest = c.newest_open();
  if (!c.idempotent) {
    const auto& only = c.attempts.back();
    return now - only.sent_at >= patience_of(only, times) ? call_step::resend : call_step::wait;
  }
  if (c.attempts.size() >= attempts_max) return call_step::wait;
  if (newest == nullptr) return call_step::retry;
  if (now - newest->sent_at >= times.attempt_timeout) return call_step::retry;
  const bool may_hedge = !c.hedged && times.hedge_delay > duration{0};
  return may_hedge && now - newest->sent_at >= times.hedge_delay ? call_step::hedge
                                                                 : call_step::wait;
}

time_point due(const call& c, time_point now, const call_times& times) {
  auto next = now + (c.in_doubt() ? times.again : times.unsent);
  if (const auto* newest = c.newest_open(); newest != nullptr) {
    const bool may_hedge = c.idempotent && !c.hedged && times.hedge_delay > duration{0};
    next = newest->sent_at + (may_hedge      ? times.hedge_delay
                              : c.idempotent ? times.attempt_timeout
                                             : patience_of(*newest, times));
    if (next <= now) next = now + times.again;
  }
  return std::min(next, c.deadline);
}

}  // namespace us
