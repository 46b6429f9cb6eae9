// The router's clockwork: what it does about requests that are not answered.
#include "actors/router/router.hpp"

#include <algorithm>

namespace us {

namespace {

using namespace std::chrono_literals;

/// A timer that fires so much too late: this node was not scheduled.
constexpr duration lateness_max = 50ms;
constexpr duration listen_for = 10ms;

}  // namespace

call_times router::times() const {
  return {.attempt_timeout = options_.attempt_timeout,
          .hedge_delay = options_.hedging.on
                             ? hedge_delay(latencies_, options_.hedging, options_.attempt_timeout)
                             : duration{0},
          .again = 10ms,
          .unsent = 50ms};
}

void router::watch(request_sequence id, const call& c) {
  due_.push({due(c, now(), times()), id});
  arm();
}

void router::arm() {
  if (due_.empty()) return;
  const auto next = due_.top().when;
  if (armed_ && *armed_ <= next) return;
  set_timer(next, false);
}

void router::set_timer(time_point when, bool listened) {
  armed_ = when;
  auto fire = [weak = weak_from_this(), when, listened] {
    if (auto self = weak.lock()) self->on_timer(when, listened);
  };
  node_->ports.clock->after(when - now(), host_, task{std::move(fire)});
}

void router::on_timer(time_point planned, bool listened) {
  if (armed_ == planned) armed_.reset();
  const auto at = now();
  // What came meanwhile lies unread: it is heard first.
  if (!listened && at - planned > lateness_max) return set_timer(at + listen_for, true);
  while (!due_.empty() && due_.top().when <= at) {
    const auto id = due_.top().id;
    due_.pop();
    step(id);
  }
  arm();
}

void router::step(request_sequence id) {
  auto found = calls_.find(id);
  if (found == calls_.end()) return;
  auto& c = found->second;
  switch (next_step(c, now(), times())) {
    case call_step::wait: break;
    case call_step::expire: return expire(id, c);
    case call_step::send:
      if (c.attempts.empty() || may_retry(c)) (void)send_somewhere(id, c);
      break;
    case call_step::retry: retry(id, c); break;
    case call_step::hedge: hedge(id, c); break;
    case call_step::resend: resend(c); break;
  }
  watch(id, c);
}

bool router::may_retry(const call& c) {
  if (!overdue(c, now())) return budget_.take(now());
  budget_.owe(now());
  return true;
}

void router::retry(request_sequence id, call& c) {
  for (auto& a : c.attempts) {
    if (a.late || a.refused) continue;
    a.late = true;
    request_failed(a.target);
  }
  if (!may_retry(c)) return;  // asked again soon
  counters_.retries.add();
  (void)send_somewhere(id, c);
}

void router::hedge(request_sequence id, call& c) {
  c.hedged = true;
  const bool another =
      targets_
          .choose(
              c.affinity, now(), *node_->ports.random,
              [&](std::size_t other) { return c.tried(other); }, target_table::tier::well)
          .has_value();
  if (!another || !budget_.take(now())) return;
  counters_.hedges.add();
  (void)send_somewhere(id, c);
}

void router::expire(request_sequence id, call& c) {
  const auto waited =
      std::chrono::duration_cast<std::chrono::milliseconds>(c.deadline - c.submitted);
  const auto text = " within " + std::to_string(waited.count()) + " ms";
  if (c.in_doubt())
    finish(id, {outcome_kind::unknown, message::Reason::TIMED_OUT, "no outcome" + text, {}});
  else
    finish(id,
           {outcome_kind::rejected, message::Reason::UNREACHABLE, "no node took it" + text, {}});
}

}  // namespace us
