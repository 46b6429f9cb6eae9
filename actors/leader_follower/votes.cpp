#include "actors/leader_follower/votes.hpp"

#include <stdexcept>

namespace us {

rules::ballot read_ballot(message::VoteRequest::Reader request, const sender& from) {
  return {request.getPreVote() ? from.epoch.next() : from.epoch,
          from.node,
          {{request.getLastEpoch()}, {request.getLastIndex()}}};
}

void reply_vote(role_base* self, node_id to, us::epoch asked, bool pre_vote, bool granted) {
  self->send_to<message::VoteReply>(to, [&](message::VoteReply::Builder reply) {
    reply.setGranted(granted);
    reply.setPreVote(pre_vote);
    reply.setForEpoch(asked.value);
    reply.setUnsure(self->store().standing.unsure());
  });
}

std::optional<standing> read_standing(message::StandingReply::Reader reply) {
  const auto kind = reply.getKind();
  if (kind < 1 || kind > 3) return std::nullopt;
  standing found{static_cast<standing_kind>(kind), reply.getDisk(), {}};
  for (auto f : reply.getFounders()) found.founders.push_back({{f.getNode()}, f.getDisk()});
  return found;
}

typed_handler answer_standing(role_base* self) {
  return on<message::StandingQuery>([self](auto query, const sender& from) {
    if (self->ending()) return;
    const auto& own = self->store().standing;
    self->send_to<message::StandingReply>(from.node, [&](message::StandingReply::Builder reply) {
      reply.setAsker(query.getDisk());
      reply.setKind(static_cast<std::uint8_t>(own.kind));
      reply.setDisk(own.disk);
      auto list = reply.initFounders(static_cast<unsigned>(own.founders.size()));
      for (unsigned i = 0; i < list.size(); ++i) {
        list[i].setNode(own.founders[i].node.value);
        list[i].setDisk(own.founders[i].disk);
      }
    });
  });
}

typed_handler ignore_standing_reply() {
  return on<message::StandingReply>([](auto, const sender&) {});
}

typed_handler ignore_admitted() {
  return on<message::Admitted>([](auto, const sender&) {});
}

void store_standing_durably(role_base* self, standing next, std::function<void()> then) {
  // A record in the log shows, should it be lost alone, that there was one.
  self->log().store_vote(self->log().vote(), [self, next, then = std::move(then)] {
    if (self->ending()) return;
    auto outcome = std::make_shared<status>(done{});
    self->node().ports.executor->run(
        lane::bulk,
        [outcome, next, where = self->node().ports.disk, path = self->store().standing_path] {
          *outcome = store_standing(*where, path, next);
        },
        self->handle(), task{[self, outcome, next, then] {
          if (self->ending()) return;
          if (!*outcome) throw std::runtime_error{outcome->error().text};
          self->store().standing = next;
          then();
        }});
  });
}

void answer_transfer(role_base* self, std::uint64_t number, const std::string& why,
                     const sender& to) {
  (void)self->send_frame<message::TransferAnswer>(to.where(), self->epoch(),
                                                  [&](message::TransferAnswer::Builder answer) {
                                                    answer.setNumber(number);
                                                    answer.setBegun(why.empty());
                                                    answer.setWhy(why);
                                                  });
}

typed_handler refuse_transfer(role_base* self) {
  return on<message::TransferRequest>([self](auto request, const sender& from) {
    answer_transfer(self, request.getNumber(), self->node().name + " does not lead", from);
  });
}

void redirect(role_base& self, const frame& f, const sender& from, node_id leader) {
  if (f.type() != capnp::typeId<message::SubmitBatch>()) return;
  opened_frame opened{f};
  auto batch = opened.body<message::SubmitBatch>();
  auto requests = batch.getRequests();
  (void)self.send_frame<message::ReplyBatch>(
      from.where(), self.epoch(),
      [&](message::ReplyBatch::Builder answer) {
        answer.setSession(batch.getSession());
        auto replies = answer.initReplies(requests.size());
        for (unsigned i = 0; i < requests.size(); ++i) {
          replies[i].setSequence(requests[i].getSequence());
          replies[i].setOutcome(message::Outcome::REDIRECTED);
          replies[i].setReason(message::Reason::NO_LEADER);
          replies[i].setLeader(leader.value);
        }
      },
      requests.size() * 8 + 16);
}

}  // namespace us
