#include "actors/leader_follower/newcomer.hpp"

#include "actors/leader_follower/votes.hpp"
#include "runtime/ensure.hpp"
#include "runtime/probe.hpp"

#include <stdexcept>

#include "messages/members.capnp.h"

namespace us {

namespace {

using namespace std::chrono_literals;

constexpr duration complain_after = 3s;

/// A node's partitions find the same: one of them tells people.
severity told(newcomer_actor* self) {
  return self->group().partition.index == 0 ? severity::event : severity::info;
}

std::string missing(newcomer_actor* self) {
  std::string names;
  for (const auto& member : self->node().members)
    if (member.id != self->node().id && !self->state.answers.contains(member.id))
      names += (names.empty() ? "" : ", ") + member.name;
  return names;
}

void become(newcomer_actor* self, standing_kind kind, std::vector<founder> founders) {
  self->state.decided = true;
  auto next = self->store().standing;
  next.kind = kind;
  next.founders = std::move(founders);
  store_standing_durably(self, std::move(next), [self, kind] {
    self->retire(role::follower, kind == standing_kind::member ? "the group is founded"
                                                               : "the group exists already");
  });
}

void decide(newcomer_actor* self) {
  auto& s = self->state;
  if (s.decided || self->ending()) return;
  const auto& own = self->store().standing;
  std::vector<founder> founders;
  switch (rules::judge_founding(self->node().id, own, s.answers, self->node().members.size())) {
    case rules::founding::waits: return;
    case rules::founding::recovers:
      probe(rare::disk_lost);
      self->node().ports.log->write(
          told(self), self->node().name +
                          " has an empty data directory although the group "
                          "exists: it votes for nobody until it has caught up, and if "
                          "it is new, it has to be added");
      return become(self, standing_kind::recovering, {});
    case rules::founding::founds:
      founders.push_back({self->node().id, own.disk});
      for (const auto& [node, answer] : s.answers) founders.push_back({node, answer.disk});
      return become(self, standing_kind::member, std::move(founders));
    case rules::founding::joins:
      return become(self, standing_kind::member,
                    rules::founders_with(self->node().id, own, s.answers));
  }
}

void ask(newcomer_actor* self) {
  if (self->state.decided || self->ending()) return;
  std::vector<node_id> others;
  for (const auto& member : self->node().members) others.push_back(member.id);
  self->broadcast<message::StandingQuery>(others, [self](message::StandingQuery::Builder query) {
    query.setDisk(self->store().standing.disk);
  });
  auto& s = self->state;
  if (self->now() - s.complained > complain_after) {
    s.complained = self->now();
    self->node().ports.log->write(
        told(self), self->node().name + " waits for the first answer of " + missing(self) +
                        ": a new group begins once each of its members has been reached (if the "
                        "group exists, this node has to be added to it)");
  }
  self->after(duration{self->node().timing.leader_beat}, [self] { ask(self); });
}

void handle_reply(newcomer_actor* self, message::StandingReply::Reader reply, const sender& from) {
  if (reply.getAsker() != self->store().standing.disk)
    return;  // sent to a directory that is no more
  if (auto answer = read_standing(reply)) {
    self->state.answers[from.node] = std::move(*answer);
    decide(self);
  }
}

}  // namespace

void newcomer_state::check_invariants(const replica_store& store) const {
  if (!decided) ensure(!store.standing.votes());
  ensure(store.commit.none(), store.commit.value);
}

caf::behavior newcomer(newcomer_actor* self) {
  self->log().attach(self->handle(), {[](log_index) {},
                                      [](const failure& f) { throw std::runtime_error{f.text}; }});
  self->announce({});
  self->state.complained = self->now();
  auto pass = [self](const frame& f, const sender& from) { redirect(*self, f, from, {}); };
  auto ignore = [](const frame&, const sender&) {};
  dispatch_table table{{
      on<message::StandingReply>(
          [self](auto reply, const sender& from) { handle_reply(self, reply, from); }),
      answer_standing(self),
      on_frame<message::VoteRequest>(ignore),
      on_frame<message::VoteReply>(ignore),
      on_frame<message::AppendRequest>(ignore),
      on_frame<message::AppendReply>(ignore),
      on_frame<message::SnapshotChunk>(ignore),
      on_frame<message::SnapshotReply>(ignore),
      on_frame<message::Admitted>(ignore),
      on_frame<message::LeadNow>(ignore),
      on_frame<message::ReadPoint>(ignore),
      on_frame<message::ReadPointReply>(ignore),
      refuse_transfer(self),
      on_frame<message::SubmitBatch>(pass),
      on_frame<message::OpenSession>(pass),
      on_frame<message::MembersRequest>(ignore),
      on<message::StatusRequest>([self](auto, const sender& from) {
        self->reply_status(from, role::newcomer, {}, [](auto) {});
      }),
  }};
  auto behavior = self->serve_role(std::move(table));
  ask(self);
  decide(self);
  return behavior;
}

}  // namespace us
