#include "actors/leader_follower/rivals.hpp"

#include "actors/leader_follower/votes.hpp"

namespace us::rivals {

void stands(leader_actor* self, const frame& f, const sender& from) {
  opened_frame opened{f};
  auto request = opened.body<message::VoteRequest>();
  const auto asked = read_ballot(request, from);
  if (!request.getPreVote() && asked.epoch > self->epoch())
    return self->retire(role::follower, self->name_of(from.node) + " stands in a newer epoch", f);
  reply_vote(self, from.node, asked.epoch, request.getPreVote(), false);
}

void leads(leader_actor* self, const frame& f, const sender& from) {
  if (from.epoch == self->epoch())
    return self->node().ports.log->write(
        severity::error, "second_leader_in_epoch",
        {{"epoch", from.epoch.value}, {"other", self->name_of(from.node)}});
  if (from.epoch > self->epoch())
    return self->retire(role::follower, self->name_of(from.node) + " leads", f);
  self->send_to<message::AppendReply>(from.node, [&](message::AppendReply::Builder reply) {
    reply.setRefused(true);
    reply.setHint(self->log().last_index().next().value);
  });
}

}  // namespace us::rivals
