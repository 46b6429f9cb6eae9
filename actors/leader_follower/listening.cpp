#include "actors/leader_follower/listening.hpp"

#include "actors/leader_follower/balancing.hpp"
#include "runtime/mutants.hpp"
#include "runtime/probe.hpp"

#include <string>

namespace us::listening {

namespace {

using namespace std::chrono_literals;

void watch_timer(follower_actor* self);

/// By how much a node that is up and has a higher priority goes first.
duration later(follower_actor* self) {
  return balancing::lower_wait(*self, [self](node_id node) {
    const auto& s = self->state;
    return node != s.leader && (!self->group().monitor || s.alive.contains(node));
  });
}

void timer_fired(follower_actor* self, time_point due) {
  auto& s = self->state;
  s.timer_waits = false;
  if (self->ending() || s.stopping || s.rests) return;
  const auto now = self->now();
  // Fired late: this node was not scheduled, so the silence may be its own. Listen again.
  if (now - due > 3 * duration{self->node().timing.heartbeat}) {
    probe(rare::woke_late);
    s.deadline = now + self->election_timeout();
    return watch_timer(self);
  }
  if (now < s.deadline + later(self)) return watch_timer(self);
  if (!may_stand(self)) {  // it can only wait for a leader
    s.deadline = now + self->election_timeout();
    return watch_timer(self);
  }
  auto why = s.leader.none() ? std::string{"no leader was known"}
                             : self->name_of(s.leader) + " was not heard for " +
                                   std::to_string((now - s.heard) / 1ms) + " ms";
  if (s.leader_suspected && !s.suspicion.empty()) why = s.suspicion;
  if (!self->configuration().votes(self->node().id)) probe(rare::stood_while_removed);
  self->retire(role::candidate, std::move(why));
}

void watch_timer(follower_actor* self) {
  const auto due = self->state.deadline + later(self);
  self->state.timer_waits = true;
  self->after(due - self->now(), [self, due] { timer_fired(self, due); });
}

}  // namespace

void begin(follower_actor* self) {
  auto& s = self->state;
  s.began = s.heard = self->now();
  s.deadline = s.heard + self->election_timeout() + balancing::first_wait(*self);
  watch_timer(self);
  if (self->group().monitor) self->send(self->group().monitor, watch_members{});
}

void wait(follower_actor* self) {
  self->state.deadline = self->now() + self->election_timeout();
}

void heard(follower_actor* self) {
  auto& s = self->state;
  s.heard = self->now();
  s.leader_suspected = false;
  s.deadline = s.heard + self->election_timeout();
}

bool hears_leader(follower_actor* self, node_id asker) {
  const auto& s = self->state;
  if (s.leader.none() || s.leader_suspected) return false;
  if (s.rests && !mutant(bug::resting_grants_pre_vote))
    return asker != s.leader || mutant(bug::resting_refuses_former_leader);
  return self->now() - s.heard < duration{self->node().timing.election_timeout_min};
}

/// A learner, and who is no member, gives its vote to whoever asks: it may not know yet that it is
/// a voter. But it does not ask itself. Nor does a witness, and who has priority 0.
bool may_stand(follower_actor* self) {
  const auto& store = self->store();
  const bool leads_ever =
      self->group().priority(self->node().id) > 0 || mutant(bug::priority_zero_stands);
  return leads_ever && store.standing.votes() &&
         !(store.standing.witness && !mutant(bug::witness_stands)) &&
         store.members.may_stand(self->node().id, store.commit);
}

/// Suspicion by the heartbeat monitor comes before the election timeout: stand soon, after a
/// short random wait that keeps two followers from standing at the same moment; later while one of
/// higher priority is up.
void hear_of(follower_actor* self, const member_changed& change) {
  auto& s = self->state;
  if (change.state == member_state::alive)
    s.alive.insert(change.node);
  else
    s.alive.erase(change.node);
  if (change.node != s.leader || s.leader.none()) return;
  wake(self);  // suspected, or restarted and no leader any more
  s.leader_suspected = change.state == member_state::suspected;
  if (!s.leader_suspected) return;
  s.suspicion = self->name_of(s.leader) + " " + change.why;
  const auto wait = static_cast<std::uint64_t>(duration{self->node().timing.heartbeat}.count());
  const duration apart{static_cast<duration::rep>(self->node().ports.random->between(0, wait))};
  self->after(apart + later(self), [self, leader = s.leader] {
    auto& now = self->state;
    if (self->ending() || now.stopping || now.leader != leader || !now.leader_suspected ||
        !may_stand(self))
      return;
    self->retire(role::candidate, now.suspicion);
  });
}

bool may_rest(follower_actor* self) {
  const auto& s = self->state;
  return self->group().monitor && !s.leader_suspected && s.alive.contains(s.leader);
}

void wake(follower_actor* self) {
  auto& s = self->state;
  if (!std::exchange(s.rests, false)) return;
  s.deadline = self->now() + self->election_timeout();
  if (!s.timer_waits) watch_timer(self);
}

}  // namespace us::listening
