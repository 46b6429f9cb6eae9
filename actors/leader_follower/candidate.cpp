#include "actors/leader_follower/candidate.hpp"

#include "actors/leader_follower/votes.hpp"
#include "runtime/ensure.hpp"
#include "runtime/mutants.hpp"
#include "runtime/probe.hpp"

#include <stdexcept>

#include "messages/members.capnp.h"

namespace us {

namespace {

void ask_when_free(candidate_actor* self);

/// Nobody won in time: ask again, at a moment that other candidates do not share, and no longer in
/// the leader's name: voters break a promise for that, which another leader may rely on by then.
void ask_again_later(candidate_actor* self) {
  const auto attempt = ++self->state.attempt;
  self->after(self->election_timeout() / 2, [self, attempt] {
    if (self->ending() || self->state.attempt != attempt) return;
    if (!mutant(bug::transfer_asked_again)) self->state.by_transfer = false;
    ask_when_free(self);
  });
}

void request_votes(candidate_actor* self, bool pre_vote) {
  self->state.asked = self->now();
  const auto end = self->log_end();
  self->broadcast<message::VoteRequest>(self->configuration().voting(),
                                        [&](message::VoteRequest::Builder request) {
                                          request.setLastIndex(end.index.value);
                                          request.setLastEpoch(end.epoch.value);
                                          request.setPreVote(pre_vote);
                                          request.setTransfer(self->state.by_transfer);
                                        });
}

bool sure(candidate_actor* self) {
  return !self->store().standing.unsure();
}

void won(candidate_actor* self) {
  const auto& votes = self->state.tally;
  if (votes.unsure() > 0) probe(rare::unsure_vote_counted);
  if (votes.sure_enough()) return self->retire(role::leader, self->why());
  probe(rare::majority_lost_power);
  self->store().elected_after_loss = self->epoch();
  self->retire(role::leader, self->why() +
                                 "; too many replicas have lost power at once: writes that were "
                                 "acknowledged just before are lost, unless one of them kept them");
}

/// A vote does not outlive its attempt, however late this node is scheduled: the voter may have
/// lost its disk since, and been admitted again (see standing.hpp).
bool counts_still(candidate_actor* self) {
  const auto& asked = self->state.asked;
  return asked && self->now() - *asked <= duration{self->node().timing.election_timeout_min};
}

/// Votes for itself in the next epoch; asks the others once that is durable, however long that
/// takes: another vote would only wait behind this one. Who was asked to stand asks them at once,
/// since clients wait. It does not lead before its own vote is durable either way: started anew, it
/// would be elected in this epoch once more, with another log.
void stand(candidate_actor* self) {
  auto& s = self->state;
  s.now = candidate_state::phase::voting;
  s.tally = rules::tally{self->configuration().voting()};
  s.own_vote_durable = false;
  s.asked.reset();
  ++s.attempt;
  const auto epoch = self->epoch().next();
  self->store_vote({epoch, self->node().id}, [self, epoch] {
    if (self->ending() || self->epoch() != epoch) return;
    auto& then = self->state;
    ask_again_later(self);
    then.own_vote_durable = true;
    const bool in_time = counts_still(self);
    if (!in_time) then.tally = rules::tally{self->configuration().voting()};
    if (then.tally.grant(self->node().id, sure(self))) return won(self);
    if (!in_time) request_votes(self, false);
  });
  if (s.by_transfer && !s.own_vote_durable) request_votes(self, false);
}

void ask_first(candidate_actor* self) {
  auto& s = self->state;
  s.now = candidate_state::phase::asking;
  s.tally = rules::tally{self->configuration().voting()};
  if (s.tally.grant(self->node().id, sure(self))) return stand(self);
  ask_again_later(self);
  request_votes(self, true);
}

/// Not before what it has promised is over.
void ask_when_free(candidate_actor* self) {
  if (!self->promised()) return ask_first(self);
  self->after(self->store().promised_until - self->now(), [self] {
    if (!self->ending()) ask_when_free(self);
  });
}

void handle_vote_reply(candidate_actor* self, message::VoteReply::Reader reply,
                       const sender& from) {
  auto& s = self->state;
  if (from.epoch > self->epoch()) {
    // Taken over: else one that refuses for its epoch and has the shorter log would refuse for
    // ever.
    self->state.now = candidate_state::phase::asking;
    self->log().store_vote({from.epoch, {}}, [] {});
    return self->retire(role::follower, self->name_of(from.node) + " has a newer epoch");
  }
  const bool asking = s.now == candidate_state::phase::asking;
  const auto expected = asking ? self->epoch().next() : self->epoch();
  if (!reply.getGranted() || reply.getPreVote() != asking || reply.getForEpoch() != expected.value)
    return;
  if (!counts_still(self)) return;
  const bool voter_sure = !reply.getUnsure() || mutant(bug::unsure_votes_counted);
  if (!s.tally.grant(from.node, voter_sure)) return;
  if (asking) return stand(self);
  if (s.own_vote_durable || mutant(bug::leads_on_undurable_vote)) won(self);
}

void handle_vote(candidate_actor* self, const frame& f, const sender& from) {
  opened_frame opened{f};
  auto request = opened.body<message::VoteRequest>();
  const auto asked = read_ballot(request, from);
  if (request.getPreVote())
    return reply_vote(self, from.node, asked.epoch, true,
                      rules::grants_pre_vote(self->epoch(), self->log_end(), false, asked));
  if (asked.epoch > self->epoch())
    return self->retire(role::follower, self->name_of(from.node) + " stands in a newer epoch", f);
  reply_vote(self, from.node, asked.epoch, false, false);
}

void handle_append(candidate_actor* self, const frame& f, const sender& from) {
  if (from.epoch >= self->epoch())
    return self->retire(role::follower, self->name_of(from.node) + " leads", f);
  self->send_to<message::AppendReply>(from.node, [&](message::AppendReply::Builder reply) {
    reply.setRefused(true);
    reply.setHint(self->log().last_index().next().value);
  });
}

void handle_submit(candidate_actor* self, const frame& f, const sender& from) {
  if (!reading::take(self, self->state.reads, f, from)) redirect(*self, f, from, {});
}

}  // namespace

void candidate_state::check_invariants(const replica_store& store) const {
  // Once it stands, its vote is its own and stays so for as long as it is candidate.
  if (now == phase::voting) ensure(!store.log->vote().candidate.none());
}

caf::behavior candidate(candidate_actor* self) {
  self->log().attach(self->handle(), {[](log_index) {},
                                      [](const failure& f) { throw std::runtime_error{f.text}; }});
  self->announce({});
  dispatch_table table{{
      on<message::VoteReply>(
          [self](auto reply, const sender& from) { handle_vote_reply(self, reply, from); }),
      on_frame<message::VoteRequest>(
          [self](const frame& f, const sender& from) { handle_vote(self, f, from); }),
      on_frame<message::AppendRequest>(
          [self](const frame& f, const sender& from) { handle_append(self, f, from); }),
      on<message::AppendReply>([](auto, const sender&) {}),
      on<message::LeadNow>([](auto, const sender&) {}),
      refuse_transfer(self),
      on_frame<message::SnapshotChunk>(
          [self](const frame& f, const sender& from) { handle_append(self, f, from); }),
      on<message::SnapshotReply>([](auto, const sender&) {}),
      answer_standing(self),
      ignore_standing_reply(),
      ignore_admitted(),
      on_frame<message::SubmitBatch>(
          [self](const frame& f, const sender& from) { handle_submit(self, f, from); }),
      on<message::OpenSession>([](auto, const sender&) {}),  // its client asks again
      on<message::ReadPoint>([](auto, const sender&) {}),
      on<message::ReadPointReply>([](auto, const sender&) {}),  // of the leader that is gone
      on<message::MembersRequest>([](auto, const sender&) {}),  // who asks asks again
      on<message::StatusRequest>([self](auto, const sender& from) {
        self->reply_status(from, role::candidate, {}, [](auto) {});
      }),
  }};
  self->state.by_transfer = self->transfer();
  if (self->transfer())
    stand(self);
  else
    ask_when_free(self);
  return self->serve_role(std::move(table));
}

}  // namespace us
