#include "actors/leader_follower/in_sync.hpp"

#include "runtime/mutants.hpp"
#include "runtime/probe.hpp"

#include <algorithm>

namespace us::in_sync {

namespace {

using namespace std::chrono_literals;

void report(leader_actor* self, const progress& follower, sync_change what, duration lag) {
  const auto& node = self->node();
  const bool left = what == sync_change::left;
  probe(left ? rare::in_sync_left : rare::in_sync_back);
  const auto& group = self->group();
  if (left && node.metrics)
    node.metrics
        ->make_counter("understudy_in_sync_left_total",
                       "Times that a follower lagged too far behind to be waited for",
                       group.labels({{"follower", self->name_of(follower.node)}}))
        .add();
  // Only with `all` does anybody wait for the set.
  if (group.acknowledge.when != acknowledgement::all)
    return node.ports.log->write(severity::info, left ? "in_sync_left" : "in_sync_back",
                                 {{"service", group.name},
                                  {"follower", self->name_of(follower.node)},
                                  {"lag_ms", lag / 1ms}});
  const auto who = self->name_of(follower.node);
  node.ports.log->write(group.told(), left ? who + " is no longer in sync with " + node.name +
                                                 ": it lags " + std::to_string(lag / 1ms) +
                                                 " ms, and writes do not wait for it"
                                           : who + " is in sync with " + node.name + " again");
}

}  // namespace

void publish(leader_actor* self) {
  if (!self->node().metrics) return;
  const auto& all = self->state.followers;
  const auto in = std::count_if(all.begin(), all.end(), [](auto& f) { return f.sync.in_sync; });
  self->node()
      .metrics
      ->make_gauge("understudy_in_sync_followers",
                   "Followers that a write acknowledged by all waits for, as the leader sees it",
                   self->group().labels())
      .set(static_cast<double>(in));
}

void look(leader_actor* self, progress& follower) {
  follower.sync.look(follower.match, self->log().last_index(), self->now());
}

bool review(leader_actor* self) {
  auto& s = self->state;
  bool changed = false;
  for (auto& f : s.followers) {
    look(self, f);
    const auto heard = std::max(f.heard, s.began);
    const auto what = f.sync.judge(heard, self->now(), self->group().acknowledge.in_sync_lag,
                                   f.votes && !f.witness && !f.recovering);
    if (what == sync_change::none) continue;
    report(self, f, what, f.sync.lag(heard, self->now()));
    changed = true;
  }
  if (changed) publish(self);
  return changed;
}

log_index match(leader_actor* self) {
  auto least = self->log().durable_index();
  if (mutant(bug::all_ignores_lagging_out)) return least;
  for (const auto& f : self->state.followers)
    if (f.sync.in_sync) least = std::min(least, f.match);
  return least;
}

}  // namespace us::in_sync
