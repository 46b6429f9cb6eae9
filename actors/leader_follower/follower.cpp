#include "actors/leader_follower/follower.hpp"

#include "actors/leader_follower/appending.hpp"
#include "actors/leader_follower/listening.hpp"
#include "actors/leader_follower/snapshot_receiver.hpp"
#include "actors/leader_follower/votes.hpp"
#include "actors/leader_follower/witnessing.hpp"
#include "runtime/ensure.hpp"
#include "runtime/mutants.hpp"
#include "runtime/probe.hpp"

#include <stdexcept>

#include "messages/leader_follower.capnp.h"
#include "messages/members.capnp.h"
#include "messages/request.capnp.h"

namespace us {

namespace {

using namespace std::chrono_literals;

void follow(follower_actor* self, node_id leader) {
  auto& s = self->state;
  if (s.leader != leader) {
    s.leader = leader;
    s.acknowledges = false;
    self->announce(leader);
    reading::look(self, s.reads);
  }
  listening::heard(self);
}

/// Takes over a newer epoch, and the vote that is cast in it, if any is yet; `then` as for
/// store_vote().
void adopt_epoch(
    follower_actor* self, const vote& newer, std::function<void()> then = [] {}) {
  auto& s = self->state;
  listening::wake(self);
  self->store_vote(newer, std::move(then));
  s.leader = {};
  s.acknowledges = false;
  // The next leader counts its rounds from one: those of the former would confirm them unheard.
  if (!mutant(bug::read_confirmed_by_former_leader)) s.round = 0;
  self->announce({});
}

bool votes(follower_actor* self) {
  return self->store().standing.votes();
}

bool counts(follower_actor* self) {
  return self->store().standing.counts();
}

/// Whoever hears of the promise hears that it was made when this request came.
void promise(follower_actor* self) {
  if (!self->group().acknowledge.read_lease) return;
  auto& until = self->store().promised_until;
  until = std::max(until, self->now() + self->promise());
}

/// It has all that the leader has, committed and durable, and the leader's node is heard.
bool may_rest(follower_actor* self, const appending::content& content, log_index verified) {
  const auto& store = self->store();
  const auto last = store.log->last_index();
  const bool committed = content.commit == last && store.commit == last && store.applied == last &&
                         store.log->durable_index() == last;
  return content.quiet && content.entries.empty() && verified == last &&
         (committed || mutant(bug::rests_uncommitted)) && store.standing.counts() &&
         listening::may_rest(self);
}

void handle_append(follower_actor* self, message::AppendRequest::Reader request,
                   const sender& from) {
  auto content = appending::read(request);
  if (!content) return;
  const bool old = from.epoch < self->epoch() && !mutant(bug::old_epoch_append_taken);
  if (old) {  // its sender leads no more; the reply's epoch tells it
    probe(rare::append_of_old_epoch);
    // Its round is one of that epoch: told in this one, it could confirm a round not sent yet when
    // the same node leads again.
    return appending::refuse(self, from.node, self->log().last_index().next(), 0, false);
  }
  if (from.epoch > self->epoch()) adopt_epoch(self, {from.epoch, {}});
  follow(self, from.node);
  if (!witnessing::fits(self, request.getWitness())) return;
  promise(self);
  auto& s = self->state;
  listening::wake(self);
  auto& store = self->store();
  // What it took now would be dropped by the snapshot, and is not noted.
  if (!content->entries.empty() && s.receiving && s.receiving->installing)
    return appending::refuse(self, from.node, store.log->last_index().next(), content->round,
                             false);
  if (!content->entries.empty() && !store.log->has_room(appending::bytes_of(content->entries)))
    return appending::refuse(self, from.node, store.log->last_index().next(), content->round, true);
  auto verdict =
      rules::match_previous(*store.log, content->previous, content->previous_epoch, store.commit);
  if (!verdict.accepted)
    return appending::refuse(self, from.node, verdict.hint, content->round, false);
  const auto taken = appending::take(self, *content);
  if (!taken) return;
  const auto verified = *taken;
  s.verified = s.acknowledges ? std::max(s.verified, verified) : verified;
  s.acknowledges = true;
  s.round = std::max(s.round, content->round);
  const auto known = mutant(bug::unverified_committed) ? store.log->last_index() : verified;
  if (content->commit > known) probe(rare::commit_held_back);
  store.commit_up_to(std::min(content->commit, known));
  self->advance_snapshots();
  reading::look(self, s.reads);
  if (may_rest(self, *content, verified)) s.rests = true;
  if (mutant(bug::acknowledged_before_durable))
    return appending::reply(self, from.node, s.verified, content->round);
  // New entries are acknowledged when they are durable; a beat at once with what is.
  if (store.log->durable_index() >= verified || content->entries.empty())
    appending::reply(self, from.node, appending::acknowledged(self), content->round);
}

void on_durable(follower_actor* self) {
  auto& s = self->state;
  self->advance_snapshots();
  reading::look(self, s.reads);
  if (!s.acknowledges || s.leader.none()) return;
  appending::reply(self, s.leader, appending::acknowledged(self), s.round);
}

void handle_vote(follower_actor* self, message::VoteRequest::Reader request, const sender& from) {
  const auto asked = read_ballot(request, from);
  if (!votes(self)) {
    probe(rare::vote_refused_recovering);
    return reply_vote(self, from.node, asked.epoch, request.getPreVote(), false);
  }
  const bool promised = self->promised() && !request.getTransfer();
  if (request.getPreVote())
    return reply_vote(
        self, from.node, asked.epoch, true,
        rules::grants_pre_vote(self->epoch(), self->log_end(),
                               listening::hears_leader(self, from.node) || promised, asked));
  listening::wake(self);
  if (promised) probe(rare::vote_refused_promised);
  if (asked.epoch < self->epoch() || promised)
    return reply_vote(self, from.node, asked.epoch, false, false);
  const auto newer = asked.epoch > self->epoch();
  if (!rules::grants_vote(self->log().vote(), self->log_end(), asked)) {
    if (newer) adopt_epoch(self, {asked.epoch, {}});
    return reply_vote(self, from.node, asked.epoch, false, false);
  }
  const auto granted = [self, asked] {
    if (self->epoch() != asked.epoch) return;
    reply_vote(self, asked.candidate, asked.epoch, false, true);
    if (!self->ending()) listening::wait(self);
  };
  if (newer)
    adopt_epoch(self, {asked.epoch, asked.candidate}, granted);
  else
    self->store_vote({asked.epoch, asked.candidate}, granted);
  listening::wait(self);
  if (mutant(bug::vote_told_early)) reply_vote(self, asked.candidate, asked.epoch, false, true);
}

/// A client's frame goes to the leader as it is: the leader answers the client directly. What
/// came from another node already is not passed on twice.
void pass_to_leader(follower_actor* self, const frame& f, const sender& from) {
  const auto leader = self->state.leader;
  const bool own = from.node == self->node().id;
  listening::wake(self);  // a leader that lives beats when it gets this
  if (own && !leader.none() && self->node().send(leader, f) == errc::none) return;
  redirect(*self, f, from, own ? node_id{} : leader);
}

template <class Body>
typed_handler passes_to_leader(follower_actor* self) {
  return on_frame<Body>(
      [self](const frame& f, const sender& from) { pass_to_leader(self, f, from); });
}

void handle_submit(follower_actor* self, const frame& f, const sender& from) {
  const bool has_records = !self->store().standing.witness;
  if (!has_records || !reading::take(self, self->state.reads, f, from))
    pass_to_leader(self, f, from);
}

/// What the leader says is committed is so here, too, as far as this log is known to equal its.
void handle_read_point(follower_actor* self, message::ReadPointReply::Reader reply,
                       const sender& from) {
  auto& s = self->state;
  if (from.node == s.leader && from.epoch == self->epoch() && s.acknowledges) {
    self->store().commit_up_to(std::min(log_index{reply.getIndex()}, s.verified));
    self->advance_snapshots();
  }
  reading::learn(self, s.reads, reply);
}

void handle_snapshot(follower_actor* self, message::SnapshotChunk::Reader chunk,
                     const sender& from) {
  if (from.epoch < self->epoch())  // its sender leads no more; the reply's epoch tells it
    return appending::refuse(self, from.node, self->log().last_index().next(), 0, false);
  if (from.epoch > self->epoch()) adopt_epoch(self, {from.epoch, {}});
  follow(self, from.node);
  listening::wake(self);
  if (witnessing::fits(self, chunk.getWitness())) receiving::take(self, chunk, from);
}

/// The leader has seen that this replica has caught up. Its vote in this epoch may have been given
/// before the disk was lost: now it is the leader's, who has won already. One that was kept stays.
void handle_admitted(follower_actor* self, message::Admitted::Reader admitted, const sender& from) {
  auto& s = self->state;
  auto next = self->store().standing;
  const bool mine = from.epoch == self->epoch() && from.node == s.leader &&
                    admitted.getDisk() == next.disk && !next.counts();
  if (!mine || s.being_admitted || s.stopping) return;
  s.being_admitted = true;
  if (!next.keeps_votes) self->log().store_vote({from.epoch, from.node}, nullptr);
  next.kind = standing_kind::member;
  next.keeps_votes = false;
  store_standing_durably(self, std::move(next), [self] {
    probe(rare::admitted);
    self->node().ports.log->write(self->group().told(),
                                  self->node().name + " has caught up and counts again");
  });
}

void handle_lead_now(follower_actor* self, message::LeadNow::Reader now, const sender& from) {
  if (!counts(self) || !listening::may_stand(self) || self->state.stopping) return;
  const bool leads = from.epoch == self->epoch() && from.node == self->state.leader;
  if (!leads && !mutant(bug::late_lead_now_taken)) return;
  if (now.getChosen()) self->store().chosen = self->epoch().next();
  self->retire(role::candidate, self->name_of(from.node) + " handed over", {}, true);
}

}  // namespace

void follower_state::check_invariants(const replica_store& store) const {
  if (acknowledges) ensure(verified <= store.log->last_index(), verified.value);
}

caf::behavior follower(follower_actor* self) {
  self->log().attach(self->handle(), {[self](log_index) { on_durable(self); },
                                      [](const failure& f) { throw std::runtime_error{f.text}; }});
  listening::begin(self);
  dispatch_table table{{
      on<message::AppendRequest>(
          [self](auto request, const sender& from) { handle_append(self, request, from); }),
      on<message::VoteRequest>(
          [self](auto request, const sender& from) { handle_vote(self, request, from); }),
      on<message::VoteReply>([](auto, const sender&) {}),    // of an election that is over
      on<message::AppendReply>([](auto, const sender&) {}),  // to a leadership that is over
      on<message::LeadNow>(
          [self](auto now, const sender& from) { handle_lead_now(self, now, from); }),
      on<message::SnapshotChunk>(
          [self](auto chunk, const sender& from) { handle_snapshot(self, chunk, from); }),
      on<message::SnapshotReply>([](auto, const sender&) {}),
      on<message::Admitted>(
          [self](auto admitted, const sender& from) { handle_admitted(self, admitted, from); }),
      answer_standing(self),
      ignore_standing_reply(),
      refuse_transfer(self),
      on_frame<message::SubmitBatch>(
          [self](const frame& f, const sender& from) { handle_submit(self, f, from); }),
      on<message::ReadPoint>([](auto, const sender&) {}),  // who asks asks again
      on<message::ReadPointReply>(
          [self](auto reply, const sender& from) { handle_read_point(self, reply, from); }),
      passes_to_leader<message::OpenSession>(self),
      passes_to_leader<message::MembersRequest>(self),
      on<message::StatusRequest>([self](auto, const sender& from) {
        self->reply_status(from, role::follower, self->state.leader, [](auto) {});
      }),
  }};
  return self->serve_role(std::move(table),
                          [self](const member_changed& m) { listening::hear_of(self, m); });
}

}  // namespace us
