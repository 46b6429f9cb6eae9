#include "actors/leader_follower/members.hpp"

#include "actors/leader_follower/in_sync.hpp"
#include "actors/leader_follower/snapshot_sender.hpp"
#include "runtime/probe.hpp"

#include <algorithm>

namespace us::members {

namespace {

using outcome = message::MembersReply::Outcome;

outcome outcome_of(change_verdict verdict) {
  switch (verdict) {
    case change_verdict::proposes:
    case change_verdict::already: return outcome::DONE;
    case change_verdict::refused: return outcome::REFUSED;
    case change_verdict::later:
    case change_verdict::hands_over: return outcome::LATER;
  }
  return outcome::LATER;
}

change_situation situation(leader_actor* self, const asked_change& asked) {
  const auto& s = self->state;
  change_situation now;
  now.leader = self->node().id;
  now.commit = self->store().commit;
  now.own_epoch_committed = now.commit >= s.first_own;
  now.lag_max = self->group().acknowledge.in_sync_lag;
  now.knows_address =
      !asked.what->address.empty() || self->node().is_member(node_id_of(asked.what->name));
  for (const auto& [node, priority] : self->group().priorities)
    if (priority == 0) now.never_lead.push_back(node);
  const duration patience = 2 * self->node().timing.election_timeout_min;
  for (const auto& f : s.followers)
    now.others.push_back({f.node, self->now() - f.heard <= patience && f.round >= asked.round,
                          f.recovering, f.sync.lag(f.heard, self->now())});
  return now;
}

void count(change_verdict verdict, member_action action) {
  if (verdict == change_verdict::later) probe(rare::member_change_waited);
  if (verdict == change_verdict::refused) probe(rare::member_change_refused);
  if (verdict != change_verdict::proposes) return;
  probe(action == member_action::add       ? rare::member_added
        : action == member_action::promote ? rare::member_promoted
                                           : rare::member_removed);
}

}  // namespace

asked_change read(message::MembersRequest::Reader request, const sender& from) {
  asked_change asked{{}, request.getNonce(), from.where(), 0, {}};
  member_change what{member_action::add, request.getNode(), request.getAddress(),
                     request.getWitness()};
  if (request.getAction() == message::MemberAction::PROMOTE) what.action = member_action::promote;
  if (request.getAction() == message::MemberAction::REMOVE) what.action = member_action::remove;
  if (request.getAction() <= message::MemberAction::REMOVE) asked.what = std::move(what);
  return asked;
}

judged_change judge(leader_actor* self, const asked_change& asked) {
  judged_change judged;
  if (!asked.what)
    judged = {change_verdict::refused, "the leader's program does not know this change", {}};
  else if (self->state.handing_over)
    judged = {change_verdict::later, "the leader hands over", {}};
  else if (self->state.asked && asked.round == 0)
    judged = {change_verdict::later, "another change of members is under way", {}};
  else if (self->log().full())
    judged = {change_verdict::refused, "no space left on the leader's disk, free some", {}};
  else
    judged = rules::judge_change(self->configuration(), *asked.what, situation(self, asked));
  if (asked.what && !needs_word(self, asked, judged)) count(judged.verdict, asked.what->action);
  return judged;
}

frame reply(leader_actor* self, const asked_change& asked, const judged_change& judged) {
  return make_frame<message::MembersReply>(
      {0, {self->node().id, self->group().seat}, asked.from.actor, self->epoch()},
      [&](message::MembersReply::Builder answer) {
        answer.setNonce(asked.nonce);
        answer.setOutcome(outcome_of(judged.verdict));
        answer.setText(judged.text);
      },
      32);
}

bool needs_word(leader_actor* self, const asked_change& asked, const judged_change& judged) {
  if (judged.verdict != change_verdict::proposes || asked.round > 0) return false;
  return configuration{{}, judged.next}.voters() != self->configuration().voters();
}

void wait_for_word(leader_actor* self, asked_change asked) {
  auto& s = self->state;
  asked.round = s.round + 1;
  asked.until = self->now() + 2 * self->node().timing.election_timeout_min;
  s.asked = std::move(asked);
}

std::optional<asked_change> take_decided(leader_actor* self) {
  auto& asked = self->state.asked;
  if (!asked) return std::nullopt;
  const auto changed = node_id_of(asked->what->name);
  const auto answered = [&](const progress& f) {
    const bool stays = f.node == changed ? asked->what->action == member_action::promote : f.votes;
    return !stays || f.round >= asked->round;
  };
  if (!std::ranges::all_of(self->state.followers, answered) && self->now() < asked->until)
    return std::nullopt;
  return std::exchange(asked, std::nullopt);
}

void reconfigure(leader_actor* self) {
  auto& s = self->state;
  const auto& now = self->configuration();
  for (const auto& member : now.members()) {
    const auto is = [&](const progress& f) { return f.node == member.node; };
    if (member.node == self->node().id || std::ranges::any_of(s.followers, is)) continue;
    progress follower;
    follower.node = member.node;
    follower.next = self->log().last_index().next();
    follower.sync = sync_lag{s.began};
    follower.since = self->now();
    // Of those that are there when it begins, some had what it has: they are sent more at once.
    follower.probing = !s.first_own.none();
    s.followers.push_back(std::move(follower));
  }
  for (auto& f : s.followers) {
    f.votes = now.votes(f.node);
    if (now.find(f.node) != nullptr) f.witness = now.is_witness(f.node);
    f.leaving = now.find(f.node) == nullptr;
    f.told = false;
    if (!f.votes || f.witness) f.sync.in_sync = false;
  }
  in_sync::publish(self);
  self->learn_members();
}

bool settle(leader_actor* self) {
  auto& s = self->state;
  const auto& now = self->configuration();
  if (now.index() > self->store().commit) return false;
  if (now.index() > s.members_told) {
    s.members_told = now.index();
    self->node().ports.log->write(
        self->group().told(), "the members of " + self->group().name + " are " + to_string(now));
  }
  return !now.votes(self->node().id);
}

void forget_removed(leader_actor* self, duration silence) {
  auto& s = self->state;
  const auto removal = self->configuration().index();
  if (removal > self->store().commit) return;
  std::erase_if(s.followers, [&](progress& f) {
    if (!f.leaving) return false;
    const bool silent = self->now() - std::max(f.heard, f.since) > silence;
    if (!silent && !std::exchange(f.told, f.match >= removal)) return false;
    sending::forget(self, f.node);
    return true;
  });
}

}  // namespace us::members
