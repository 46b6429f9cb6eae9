#include "actors/leader_follower/leader.hpp"

#include "actors/leader_follower/balancing.hpp"
#include "actors/leader_follower/committing.hpp"
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

/// Reads that any replica might answer: local ones by what is committed here, others linearizably,
/// which is new enough for all. One that has begun may know of less as committed than others do.
void handle_reads(leader_actor* self, message::SubmitBatch::Reader batch, const sender& from) {
  auto& s = self->state;
  const auto& store = self->store();
  const bool has_it = store.applied.value >= batch.getAfter() && store.applied >= store.complete;
  if (batch.getReads() == message::Reads::LOCAL && has_it) {
    const auto as_of = store.fresh.as_of();
    const auto age = as_of ? std::optional{self->now() - *as_of} : std::nullopt;
    return committing::gate(self, {{}, 0, from.where(), reading::answer(self, batch, from, age)});
  }
  const auto last = self->log().last_index();
  const auto index = s.turn->empty() ? last : last.next();
  committing::gate(self,
                   {index, 0, from.where(), reading::answer(self, *s.ahead, batch, from, index),
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
  committing::gate(self, {index, 0, from.where(), {answer}, acknowledgement::quorum});
}

void handle_submit(leader_actor* self, message::SubmitBatch::Reader batch, const sender& from) {
  if (batch.getReads() != message::Reads::LEADER) return handle_reads(self, batch, from);
  const auto end_entry = [self] {
    probe(rare::batch_in_entries);
    committing::append(self, self->state.turn->take());
    return self->log().last_index().next();
  };
  committing::gate(
      self, self->state.turn->execute(batch, from, self->epoch(), self->log().last_index().next(),
                                      committing::limits_now(self), end_entry));
}

void handle_open_session(leader_actor* self, message::OpenSession::Reader request,
                         const sender& from) {
  const auto limits = committing::limits_now(self);
  if (limits.stopping || limits.overloaded()) return;  // its client asks again
  committing::gate(self, self->state.turn->open_session(request, from, self->epoch(),
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
    if (!turn.empty()) committing::propose(self, turn.take());  // it counts on the next index
    entry_content content;
    content.leader = self->node().id;
    content.members = judged.next;
    committing::propose(self, content);
  }
  const bool done =
      judged.verdict == change_verdict::proposes || judged.verdict == change_verdict::already;
  if (done)
    return committing::gate(self, {std::max(self->configuration().index(), self->state.first_own),
                                   0,
                                   asked.from,
                                   {answer},
                                   acknowledgement::quorum});
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
  committing::advance(self);
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
    if (in_sync::review(self)) committing::release_answers(self);
    if (quieting::rests(self)) return;
    replication::beat(self);
    replication::pump(self);
    beat_timer(self);
  });
}

/// Why nothing of it is kept; empty: it is, or now is no time for it.
std::string run_upkeep(leader_actor* self, const service::upkeep& work) {
  const auto limits = committing::limits_now(self);
  if (limits.overloaded() || limits.disk_full || limits.stopping) return {};
  return self->state.turn->upkeep(work, self->log().last_index().next(), limits);
}

/// `said`: what the log was told of it last.
void upkeep_timer(leader_actor* self, const service::upkeep& work, std::string said = {}) {
  self->after(work.interval, [self, &work, said = std::move(said)] {
    if (self->ending()) return;
    auto why_not = run_upkeep(self, work);
    if (!why_not.empty() && why_not != said)
      self->node().ports.log->write(severity::error, self->node().name + " keeps nothing of what " +
                                                         self->group().name +
                                                         " does by itself: " + why_not);
    if (!self->state.turn->empty()) {
      quieting::wake(self);
      committing::schedule_end_of_turn(self);
    }
    upkeep_timer(self, work, std::move(why_not));
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
  self->log().attach(self->handle(), {[self](log_index) {
                                        committing::end_turn(self);
                                        // Who never leads is told only now.
                                        if (!self->ending()) replication::pump(self);
                                      },
                                      [](const failure& f) { throw std::runtime_error{f.text}; }});
  self->announce(self->node().id);
  become_sure(self);
  committing::propose(self, first_entry(self));
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
