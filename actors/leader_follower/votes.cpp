#include "actors/leader_follower/votes.hpp"

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
