#include "actors/leader_follower/leader.hpp"

#include "actors/leader_follower/balancing.hpp"
#include "actors/leader_follower/gathering.hpp"
#include "actors/leader_follower/hand_over.hpp"
#include "actors/leader_follower/in_sync.hpp"
#include "actors/leader_follower/members.hpp"
#include "actors/leader_follower/quiet.hpp"
#include "actors/leader_follower/reading.hpp"
#include "actors/leader_follower/replication.hpp"
#include "actors/leader_follower/rivals.hpp"
#include "actors/leader_follower/snapshot_sender.hpp"
#include "actors/leader_follower/votes.hpp"
#include "runtime/ensure.hpp"
#include "runtime/mutants.hpp"
#include "runtime/probe.hpp"

#include <algorithm>
#include <stdexcept>

namespace us {

namespace {

using namespace std::chrono_literals;

void end_turn(leader_actor* self);

/// Goes to our disk while it goes to those of the followers.
void append(leader_actor* self, const entry_content& content) {
  auto& s = self->state;
  const auto entry = encode_entry(self->log().last_index().next(), self->epoch(), content);
  self->store().append(entry);
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
    (void)self->node().send(reply.to.node, reply.answer);
  });
}

/// It was removed, and that is committed: the others hear so, and choose another one
/// (thesis 4.2.2).
void leave_when_told(leader_actor* self) {
  if (std::exchange(self->state.leaves, true)) return;
  replication::beat(self);
  self->at_end_of_turn([self] {
    if (!self->ending()) self->retire(role::follower, "it is no member any more");
  });
}

void advance(leader_actor* self) {
  auto& s = self->state;
  const auto index = replication::committable(self);
  if (index && self->store().commit.next() < s.first_own) probe(rare::old_epoch_committed);
  self->store().commit_up_to(index.value_or(log_index{}),
                             [&](const log_entry& entry) { s.ahead->committed(entry.index); });
  if (index) {
    while (!s.uncommitted.empty() && s.uncommitted.front().first <= *index) {
      s.uncommitted_bytes -= s.uncommitted.front().second;
      s.uncommitted.pop_front();
    }
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

void end_turn(leader_actor* self) {
  auto& s = self->state;
  if (s.round_wanted) {
    s.round_wanted = false;
    replication::beat(self);
  }
  const bool large = s.turn->bytes() >= self->group().limits.request_bytes / 4;
  if (!s.turn->empty() && !large && disk_is_busy(self)) probe(rare::turn_kept_open);
  const bool now = large || !disk_is_busy(self) || s.handing_over;
  if (!s.turn->empty() && now) append(self, s.turn->take());
  gathering::send_or_gather(self);
  advance(self);
}

void gate(leader_actor* self, gated_reply reply) {
  auto& s = self->state;
  if (reply.answer.empty()) return;
  if (reply.index.none()) {
    (void)self->node().send(reply.to.node, reply.answer);
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
  const auto& s = self->state;
  return {s.uncommitted_bytes + s.turn->bytes() > self->group().limits.uncommitted_bytes,
          self->log().full(), s.handing_over.has_value()};
}

/// Reads that any replica might answer: local ones by what is committed here, others linearizably,
/// which is new enough for all. One that has begun may know of less as committed than others do.
void handle_reads(leader_actor* self, message::SubmitBatch::Reader batch, const sender& from) {
  auto& s = self->state;
  const bool has_it = self->store().applied.value >= batch.getAfter();
  if (batch.getReads() == message::Reads::LOCAL && has_it) {
    const auto as_of = self->store().fresh.as_of();
    const auto age = as_of ? std::optional{self->now() - *as_of} : std::nullopt;
    (void)self->node().send(from.node, reading::answer(self, batch, from, age));
    return;
  }
  const auto last = self->log().last_index();
  const auto index = s.turn->empty() ? last : last.next();
  gate(self, {index, 0, from.where(), reading::answer(self, *s.ahead, batch, from, index),
              acknowledgement::quorum});
}

/// What was acknowledged before the question is committed, or of an epoch before this one's.
void handle_read_point(leader_actor* self, message::ReadPoint::Reader ask, const sender& from) {
  const auto commit = self->store().commit;
  const auto index = std::max(commit, self->state.first_own);
  const auto answer = make_frame<message::ReadPointReply>(
      {0, {self->node().id, self->group().seat}, from.actor, self->epoch()},
      [&](message::ReadPointReply::Builder reply) {
        reply.setNonce(ask.getNonce());
        reply.setIndex(mutant(bug::read_point_unconfirmed) ? commit.value : index.value);
      },
      8);
  if (mutant(bug::read_point_unconfirmed)) return (void)self->node().send(from.node, answer);
  gate(self, {index, 0, from.where(), answer, acknowledgement::quorum});
}

void handle_submit(leader_actor* self, message::SubmitBatch::Reader batch, const sender& from) {
  if (batch.getReads() != message::Reads::LEADER) return handle_reads(self, batch, from);
  gate(self, self->state.turn->execute(batch, from, self->epoch(), self->log().last_index().next(),
                                       limits_now(self)));
}

void handle_open_session(leader_actor* self, message::OpenSession::Reader request,
                         const sender& from) {
  const auto limits = limits_now(self);
  if (limits.stopping || limits.overloaded) return;  // its client asks again
  gate(self, self->state.turn->open_session(request, from, self->epoch(),
                                            self->log().last_index().next()));
}

/// One that is in force already is answered when it is committed and this leadership confirmed,
/// too.
void change_members(leader_actor* self, asked_change asked) {
  const auto judged = members::judge(self, asked);
  if (members::needs_word(self, asked, judged)) {
    members::wait_for_word(self, std::move(asked));
    return replication::beat(self);
  }
  const auto answer = members::reply(self, asked, judged);
  if (judged.verdict == change_verdict::proposes) {
    auto& turn = *self->state.turn;
    if (!turn.empty()) propose(self, turn.take());  // it counts on the next index
    entry_content content;
    content.leader = self->node().id;
    content.members = judged.next;
    propose(self, content);
  }
  const bool done =
      judged.verdict == change_verdict::proposes || judged.verdict == change_verdict::already;
  if (done)
    return gate(self, {std::max(self->configuration().index(), self->state.first_own), 0,
                       asked.from, answer, acknowledgement::quorum});
  (void)self->node().send(asked.from.node, answer);
  if (judged.verdict == change_verdict::hands_over) handing::to_anyone(self);
}

void go_on_with_change(leader_actor* self) {
  if (auto asked = members::take_decided(self)) change_members(self, std::move(*asked));
}

void handle_append_reply(leader_actor* self, message::AppendReply::Reader reply,
                         const sender& from) {
  switch (replication::accept(self, reply, from)) {
    case replication::reply_effect::none: return;
    case replication::reply_effect::newer_epoch:
      probe(rare::newer_epoch_heard);
      return self->retire(role::follower, self->name_of(from.node) + " has a newer epoch");
    case replication::reply_effect::advanced: break;
  }
  quieting::note_answer(self, from.node, reply.getQuiet(), reply.getRound());
  advance(self);
  replication::pump(self);
  go_on_with_change(self);
  handing::go_on(self);
}

void beat_timer(leader_actor* self) {
  const duration interval = self->node().timing.leader_beat;
  self->after(interval, [self] {
    if (self->ending()) return;
    const duration silence = 2 * self->node().timing.election_timeout_min;
    if (!replication::hears_majority(self, silence)) {
      probe(rare::majority_lost);
      return self->retire(role::follower,
                          "a majority was not heard for " + std::to_string(silence / 1ms) + " ms");
    }
    auto& s = self->state;
    if (!handing::look_after(self)) return;
    balancing::look_after(self);
    for (auto& f : s.followers) {
      f.full = false;  // try again whether it has space now
      if (self->now() - f.heard > silence) f.forget_inflight();
    }
    members::forget_removed(self, silence);
    sending::look_after(self, silence);
    go_on_with_change(self);
    if (in_sync::review(self)) release_answers(self);
    if (quieting::rests(self)) return;
    replication::beat(self);
    replication::pump(self);
    beat_timer(self);
  });
}

void upkeep_timer(leader_actor* self, const service::upkeep& work) {
  self->after(work.interval, [self, &work] {
    if (self->ending()) return;
    const auto limits = limits_now(self);
    if (!limits.overloaded && !limits.disk_full && !limits.stopping)
      self->state.turn->upkeep(work, self->log().last_index().next());
    if (!self->state.turn->empty()) {
      quieting::wake(self);
      schedule_end_of_turn(self);
    }
    upkeep_timer(self, work);
  });
}

void handle_transfer(leader_actor* self, message::TransferRequest::Reader request,
                     const sender& from) {
  if (from.node != self->node().id) return;
  const node_id to{request.getNode()};
  const bool stays = to == self->node().id && balancing::chooses(*self);
  if (stays) balancing::stay(self);
  const auto why = stays ? std::string{} : handing::to_node(self, to, true);
  answer_transfer(self, request.getNumber(), why, from);
}

std::vector<typed_handler> handlers(leader_actor* self) {
  return {
      on<message::SubmitBatch>(
          [self](auto batch, const sender& from) { handle_submit(self, batch, from); }),
      on<message::ReadPoint>(
          [self](auto ask, const sender& from) { handle_read_point(self, ask, from); }),
      on<message::ReadPointReply>([](auto, const sender&) {}),  // it asked as a follower
      on<message::MembersRequest>([self](auto request, const sender& from) {
        change_members(self, members::read(request, from));
      }),
      on<message::AppendReply>(
          [self](auto reply, const sender& from) { handle_append_reply(self, reply, from); }),
      on<message::OpenSession>(
          [self](auto request, const sender& from) { handle_open_session(self, request, from); }),
      on_frame<message::VoteRequest>(
          [self](const frame& f, const sender& from) { rivals::stands(self, f, from); }),
      on<message::VoteReply>([](auto, const sender&) {}),  // late votes of the election it won
      on_frame<message::AppendRequest>(
          [self](const frame& f, const sender& from) { rivals::leads(self, f, from); }),
      on<message::LeadNow>([](auto, const sender&) {}),
      on<message::TransferRequest>(
          [self](auto request, const sender& from) { handle_transfer(self, request, from); }),
      on<message::SnapshotReply>(
          [self](auto reply, const sender& from) { sending::accept(self, reply, from); }),
      on_frame<message::SnapshotChunk>(
          [self](const frame& f, const sender& from) { rivals::leads(self, f, from); }),
      answer_standing(self),
      ignore_standing_reply(),
      ignore_admitted(),
      on<message::StatusRequest>([self](auto, const sender& from) {
        self->reply_status(from, role::leader, self->node().id,
                           [self](auto status) { replication::fill_status(self, status); });
      }),
  };
}

/// What it had forgotten and was committed would have cost it the election.
void become_sure(leader_actor* self) {
  auto next = self->store().standing;
  if (next.counts()) return;
  next.kind = standing_kind::member;
  next.keeps_votes = false;
  store_standing_durably(self, std::move(next), [] {});
}

void begin(leader_actor* self) {
  auto& s = self->state;
  ensure(self->log().last_index() >= self->store().complete, self->log().last_index().value,
         self->store().complete.value);
  s.began = s.synced_at = self->now();
  const auto& members = self->configuration();
  if (members.index() <= self->store().commit) s.members_told = members.index();
  members::reconfigure(self);
  s.ahead.emplace(self->store());
  s.turn.emplace(self->node(), self->group(), *s.ahead);
  s.first_own = self->log().last_index().next();
}

/// An entry of this epoch, so that what earlier leaders left can be committed (3.6.2). The first of
/// all writes down who founded the group.
entry_content first_entry(leader_actor* self) {
  entry_content first;
  first.leader = self->node().id;
  if (self->configuration().index().none()) first.members = self->configuration().members();
  return first;
}

}  // namespace

void leader_state::check_invariants(const replica_store& store) const {
  const auto last = store.log->last_index();
  for (const auto& f : followers) ensure(f.match <= last, f.match.value, last.value);
  ensure(confirmed <= round, confirmed, round);
  ensure(gathered.released <= last, gathered.released.value, last.value);
  ensure(first_own <= last.next(), first_own.value, last.value);
  // Of those that this leader has proposed after its first entry.
  const auto changes = store.members.after(std::max(store.commit, first_own));
  ensure(changes <= 1, changes, store.commit.value);
  ensure(changes == 0 || store.commit >= first_own, store.commit.value, first_own.value);
}

caf::behavior leader(leader_actor* self) {
  begin(self);
  self->log().attach(self->handle(), {[self](log_index) { end_turn(self); },
                                      [](const failure& f) { throw std::runtime_error{f.text}; }});
  self->announce(self->node().id);
  become_sure(self);
  propose(self, first_entry(self));
  in_sync::publish(self);
  begin_beats(self);
  quieting::watch(self);
  for (const auto& work : self->group().service.upkeeps()) upkeep_timer(self, work);
  return self->serve_role(
      quieting::waking(self, handlers(self)),
      [self](const member_changed& change) { quieting::hear_of(self, change); },
      [self] {
        quieting::wake(self);
        handing::to_anyone(self);
      });
}

void begin_beats(leader_actor* self) {
  replication::beat(self);
  beat_timer(self);
}

}  // namespace us
