#include "actors/leader_follower/quiet.hpp"

#include "actors/leader_follower/in_sync.hpp"
#include "runtime/mutants.hpp"
#include "runtime/probe.hpp"

#include <algorithm>
#include <array>

#include "messages/leader_follower.capnp.h"
#include "messages/status.capnp.h"

namespace us::quieting {

namespace {

/// In which nothing was under way.
constexpr unsigned idle_beats_before = 10;

bool may_ever(leader_actor* self) {
  return !self->group().partition.only() && self->group().monitor;
}

bool has_everything(leader_actor* self, const progress& f) {
  const duration recent = 3 * duration{self->node().timing.leader_beat};
  return !f.leaving && !f.recovering && !f.no_space && !f.probing && !f.reading &&
         (f.match == self->log().last_index() || mutant(bug::rests_uncommitted)) &&
         (f.inflight_bytes == 0 || mutant(bug::rests_uncommitted)) &&
         self->now() - f.heard <= recent;
}

bool idle(leader_actor* self) {
  const auto& s = self->state;
  const auto& store = self->store();
  const bool still = s.turn->empty() && s.gated.empty() && s.transfers.empty() && !s.handing_over &&
                     !s.asked && !s.leaves && !s.round_wanted;
  const auto& wanted = s.balance.wanted;
  const bool moves = !wanted.none() && wanted != self->node().id && store.chosen != self->epoch();
  const bool committed = store.commit == self->log().last_index();
  return still && !moves && !self->log().full() && self->log().idle() &&
         (committed || mutant(bug::rests_uncommitted)) && store.applied == store.commit &&
         store.commit >= s.first_own && std::ranges::all_of(s.followers, [self](const progress& f) {
           return has_everything(self, f);
         });
}

}  // namespace

void watch(leader_actor* self) {
  if (may_ever(self)) self->send(self->group().monitor, watch_members{});
}

bool rests(leader_actor* self) {
  auto& s = self->state;
  auto& q = s.quiet;
  if (!may_ever(self) || !idle(self)) {
    q = {};
    return false;
  }
  if (q.asked_since > 0 && std::ranges::all_of(s.followers, [&q](const progress& f) {
        return f.quiet_round >= q.asked_since;
      })) {
    q.rests = true;
    probe(rare::group_rested);
    return true;
  }
  if (++q.idle_beats >= idle_beats_before && q.asked_since == 0) q.asked_since = s.round + 1;
  return false;
}

void note_answer(leader_actor* self, node_id from, bool quiet, std::uint64_t round) {
  const auto& q = self->state.quiet;
  for (auto& f : self->state.followers)
    if (f.node == from) f.quiet_round = quiet ? round : 0;
  if (q.rests && !quiet && round >= q.asked_since) wake(self);
}

void wake(leader_actor* self) {
  auto& s = self->state;
  if (self->ending()) return;
  const bool rested = s.quiet.rests;
  s.quiet = {};
  if (!rested) return;
  s.synced_at = self->now();
  // Nobody could be heard meanwhile. Whose node is suspected gets no time for it.
  for (auto& f : s.followers) {
    if (f.suspected) continue;
    f.heard = f.answered = self->now();
    if (mutant(bug::lease_renewed_by_rest)) f.promised = self->now() + self->promise();
    in_sync::look(self, f);
  }
  begin_beats(self);
}

void hear_of(leader_actor* self, const member_changed& change) {
  for (auto& f : self->state.followers)
    if (f.node == change.node) {
      f.suspected = change.state == member_state::suspected;
      wake(self);
    }
}

dispatch_table waking(leader_actor* self, std::vector<typed_handler> handlers) {
  const std::array<std::uint64_t, 2> silent{capnp::typeId<message::StatusRequest>(),
                                            capnp::typeId<message::AppendReply>()};
  for (auto& each : handlers) {
    if (std::ranges::find(silent, each.type) != silent.end()) continue;
    each.run = [self, run = std::move(each.run)](const frame& f, const sender& from) {
      wake(self);
      run(f, from);
    };
  }
  return dispatch_table{std::move(handlers)};
}

}  // namespace us::quieting
