#include "actors/leader_follower/answers.hpp"

#include <algorithm>

namespace us {

namespace {

capnp::Data::Reader data_of(const std::string& bytes) {
  return {reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()};
}

void fill(message::Reply::Builder reply, const request_answer& from) {
  reply.setSequence(from.sequence.value);
  reply.setOutcome(from.outcome);
  reply.setReason(from.reason);
  if (!from.text.empty()) reply.setText(from.text);
  if (!from.body.empty()) reply.setBody(data_of(from.body));
}

}  // namespace

frame encode_answers(const address& seat, const sender& to, us::epoch epoch,
                     const answered_batch& batch, const std::vector<request_answer>& answers) {
  std::size_t words = 20;
  for (const auto& a : answers) words += 10 + (a.text.size() + a.body.size()) / 8;
  return make_frame<message::ReplyBatch>(
      {0, seat, to.actor, epoch},
      [&](message::ReplyBatch::Builder reply) {
        reply.setSession(batch.session.value);
        reply.setIndex(batch.index.value);
        reply.setAgeKnown(batch.age.has_value());
        if (batch.age)
          reply.setAgeMicros(static_cast<std::uint64_t>(
              std::chrono::ceil<std::chrono::microseconds>(std::max(*batch.age, duration{0}))
                  .count()));
        auto replies = reply.initReplies(static_cast<unsigned>(answers.size()));
        for (unsigned i = 0; i < answers.size(); ++i) fill(replies[i], answers[i]);
      },
      words);
}

}  // namespace us
