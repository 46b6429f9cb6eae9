#include "actors/leader_follower/committing.hpp"

#include "actors/leader_follower/gathering.hpp"
#include "actors/leader_follower/in_sync.hpp"
#include "actors/leader_follower/members.hpp"
#include "actors/leader_follower/replication.hpp"
#include "runtime/mutants.hpp"
#include "runtime/probe.hpp"

#include <algorithm>
#include <utility>

namespace us::committing {

namespace {

using namespace std::chrono_literals;

/// It was removed, and that is committed: the others hear so, and choose another one
/// (thesis 4.2.2).
void leave_when_told(leader_actor* self) {
  if (std::exchange(self->state.leaves, true)) return;
  replication::beat(self);
  self->at_end_of_turn([self] {
    if (!self->ending()) self->retire(role::follower, "it is no member any more");
  });
}

/// While two entries wait for the disk, what arrives is better added to one later entry than
/// spread over many. Where the disk is not synced, handing an entry over takes longer than writing
/// a small one: then one that waits is enough.
bool disk_is_busy(leader_actor* self) {
  constexpr std::size_t small = 16u << 10;
  const bool synced = self->group().limits.log.sync_interval == duration{0};
  const bool one_is_enough = !synced && self->state.turn->bytes() < small;
  const auto waiting = self->log().last_index().value - self->log().durable_index().value;
  return waiting > (one_is_enough ? 0 : 1);
}

/// An entry costs every node the same, however little is in it. On links that are slower than this
/// nothing waits for longer.
constexpr duration gathered_at_most = 2ms;

/// Whether what comes is added to one later entry, until all that is on its way is committed. Not
/// what this leader's disk alone answers, nor what takes along what the followers were not sent.
bool gathers(leader_actor* self) {
  auto& s = self->state;
  if (s.uncommitted.empty() || !s.gated.waits_for_others()) return false;
  if (s.gated.waits_for_own_disk() || s.gathered.released < self->log().last_index()) return false;
  const auto left = gathered_at_most - (self->now() - s.appended_at);
  if (left <= duration{0}) return false;
  if (!std::exchange(s.turn_timer, true))
    self->after(left, [self] {
      self->state.turn_timer = false;
      if (!self->ending()) end_turn(self);
    });
  return true;
}

bool may_end(leader_actor* self) {
  const auto& s = self->state;
  const bool large = s.turn->bytes() >= self->group().limits.request_bytes / 4;
  if (large || s.handing_over) return true;
  if (!disk_is_busy(self) && !gathers(self)) return true;
  probe(rare::turn_kept_open);
  return false;
}

/// Bytes that may be executed yet before more is committed.
std::size_t room(leader_actor* self) {
  const auto& s = self->state;
  const auto waits = s.uncommitted_bytes + s.turn->bytes();
  const auto most = self->group().limits.uncommitted_bytes;
  return most > waits ? most - waits : 0;
}

void send(leader_actor* self, const gated_reply& reply) {
  for (const auto& part : reply.answer) (void)self->node().send(reply.to.node, part);
}

}  // namespace

void append(leader_actor* self, const entry_content& content) {
  auto& s = self->state;
  const auto entry = encode_entry(self->log().last_index().next(), self->epoch(), content);
  self->store().append(entry);
  s.appended_at = self->now();
  s.uncommitted.emplace_back(entry.index, entry.bytes->size());
  s.uncommitted_bytes += entry.bytes->size();
  s.gathered.bytes += entry.bytes->size();
}

void propose(leader_actor* self, const entry_content& content) {
  append(self, content);
  if (!content.members.empty()) members::reconfigure(self);
  gathering::send_all(self);
}

void release_answers(leader_actor* self) {
  auto& s = self->state;
  if (s.gated.empty()) return;
  const auto commit = self->store().commit;
  const answer_progress now{self->log().last_index(), self->log().durable_index(), commit,
                            in_sync::match(self), s.confirmed};
  s.gated.release(now, [&](const gated_reply& reply) {
    if (reply.index > commit) probe(rare::answered_early);
    send(self, reply);
  });
}

void advance(leader_actor* self) {
  auto& s = self->state;
  const auto index = replication::committable(self);
  if (index && self->store().commit.next() < s.first_own) probe(rare::old_epoch_committed);
  self->store().commit_up_to(index.value_or(log_index{}),
                             [&](const log_entry& entry) { s.ahead->committed(entry.index); });
  if (index && !s.uncommitted.empty()) {
    while (!s.uncommitted.empty() && s.uncommitted.front().first <= *index) {
      s.uncommitted_bytes -= s.uncommitted.front().second;
      s.uncommitted.pop_front();
    }
    if (s.uncommitted.empty() && !s.turn->empty()) schedule_end_of_turn(self);
  }
  if (members::settle(self)) leave_when_told(self);
  self->advance_snapshots();
  s.confirmed = replication::confirmed_round(self);
  release_answers(self);
}

void schedule_end_of_turn(leader_actor* self) {
  if (std::exchange(self->state.turn_ends, true)) return;
  self->at_end_of_turn([self] {
    self->state.turn_ends = false;
    if (!self->ending()) end_turn(self);
  });
}

void end_turn(leader_actor* self) {
  auto& s = self->state;
  if (s.round_wanted) {
    s.round_wanted = false;
    replication::beat(self);
  }
  if (!s.turn->empty() && may_end(self)) append(self, s.turn->take());
  gathering::send_or_gather(self);
  advance(self);
}

void gate(leader_actor* self, gated_reply reply) {
  auto& s = self->state;
  if (reply.answer.empty()) return;
  if (reply.index.none()) {
    send(self, reply);
    return;
  }
  // What former epochs left is committed only with its own first entry (thesis 6.4).
  reply.index = std::max(reply.index, s.first_own);
  // An entry of its own is appended after the request came; its commit confirms the leadership.
  if (reply.index > self->log().last_index() || reply.when == acknowledgement::async) {
    // nothing but its index
  } else if (replication::holds_lease(self)) {
    probe(rare::read_by_lease);
  } else {
    reply.round = s.round + (mutant(bug::read_confirmed_by_earlier_round) ? 0 : 1);
    if (mutant(bug::read_unconfirmed)) reply.round = 0;
    if (mutant(bug::read_of_uncommitted))
      reply.index = std::min(reply.index, std::max(self->store().commit, s.first_own));
    s.round_wanted = true;
    probe(rare::read_waited);
  }
  s.gated.push(std::move(reply), self->store().commit);
  schedule_end_of_turn(self);
}

turn_limits limits_now(leader_actor* self) {
  const auto& limits = self->group().limits;
  return {
      .room = room(self),
      .entry_bytes = limits.entry_bytes,
      .request_bytes = limits.request_changes_bytes(),
      .answers_bytes = 2 * limits.frame_bytes,
      .disk_full = self->log().full(),
      .stopping = self->state.handing_over.has_value() && !mutant(bug::answers_while_handing_over)};
}

}  // namespace us::committing
