#include "actors/leader_follower/answers.hpp"

#include <algorithm>
#include <span>

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
  if (!from.bytes().empty()) reply.setBody(data_of(from.bytes()));
}

std::size_t bytes_of(const request_answer& a) {
  return 80 + a.text.size() + a.bytes().size();
}

frame encode(const address& seat, const sender& to, us::epoch epoch, const answered_batch& batch,
             std::span<const request_answer* const> answers, std::size_t bytes) {
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
        for (unsigned i = 0; i < answers.size(); ++i) fill(replies[i], *answers[i]);
      },
      20 + bytes / 8);
}

}  // namespace

std::string outcome_too_long(std::size_t bytes, std::size_t most) {
  return "it would change and answer " + std::to_string(bytes) + " bytes; at most " +
         std::to_string(most) + " fit into a message";
}

std::vector<frame> encode_answers(const address& seat, const sender& to, us::epoch epoch,
                                  const answered_batch& batch,
                                  const std::vector<request_answer>& answers,
                                  std::size_t bytes_max) {
  std::vector<const request_answer*> order;
  order.reserve(answers.size());
  std::size_t bytes = 0;
  for (const auto& a : answers) {
    order.push_back(&a);
    bytes += bytes_of(a);
  }
  if (bytes > bytes_max)
    std::stable_partition(order.begin(), order.end(),
                          [](const auto* a) { return a->outcome != message::Outcome::DONE; });
  std::vector<frame> frames;
  std::size_t begin = 0;
  std::size_t part = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto more = bytes_of(*order[i]);
    const bool done = order[i]->outcome == message::Outcome::DONE;
    if (done && i > begin && part + more > bytes_max) {
      frames.push_back(
          encode(seat, to, epoch, batch, std::span{order}.subspan(begin, i - begin), part));
      begin = i;
      part = 0;
    }
    part += more;
  }
  frames.push_back(encode(seat, to, epoch, batch, std::span{order}.subspan(begin), part));
  return frames;
}

}  // namespace us
