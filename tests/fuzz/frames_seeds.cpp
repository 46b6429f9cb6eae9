/// Writes the seed corpus of frames_fuzz into the directory given: real frames of every kind, each
/// as a stream and as a payload.
#include "tests/fuzz/seed_file.hpp"
#include "tests/messages/frame_samples.hpp"

#include <capnp/dynamic.h>

#include "messages/status.capnp.h"

namespace {

using us::test::append_to;
using us::test::bytes;

template <class Body, class Fill>
us::frame sample(Fill fill) {
  return us::make_frame<Body>(us::test::sample_envelope(), fill);
}

us::frame submit() {
  return sample<us::message::SubmitBatch>([](us::message::SubmitBatch::Builder batch) {
    batch.setSession(1);
    auto requests = batch.initRequests(2);
    requests[0].setSequence(1);
    requests[0].setType(77);
    requests[0].getBody().initAs<us::message::Hello>().setNode("inner");
    requests[1].getBody().setAs<capnp::Text>("text");
  });
}

us::frame replies() {
  return sample<us::message::ReplyBatch>([](us::message::ReplyBatch::Builder batch) {
    auto reply = batch.initReplies(1)[0];
    reply.setText("why");
    reply.setBody(kj::StringPtr{"12345678"}.asBytes());
  });
}

us::frame append() {
  capnp::MallocMessageBuilder entry;
  auto log = entry.initRoot<us::message::LogEntry>();
  auto changes = log.initChanges(3);
  changes[0].setKey(kj::StringPtr{"k"}.asBytes());
  changes[0].setValue(kj::StringPtr{"v"}.asBytes());
  changes[1].setErased();
  changes[2].setCleared();
  log.initOutcomes(1)[0].setSequence(3);
  log.initSessions(1)[0].setSession(4);
  const auto words = capnp::messageToFlatArray(entry);
  return sample<us::message::AppendRequest>([&](us::message::AppendRequest::Builder request) {
    request.initEntries(1).set(0, words.asBytes());
  });
}

us::frame node_status() {
  return sample<us::message::NodeStatus>([](us::message::NodeStatus::Builder status) {
    status.setNode("a");
    status.initNodes(1)[0].setState("alive");
    status.initServices(1)[0].initReplicas(1)[0].setNode("b");
  });
}

std::vector<us::frame> samples() {
  return {us::test::hello_frame("a"),
          us::test::append_frame(3, 40),
          us::test::append_frame(30, 60, 1),  // of several segments
          sample<us::message::VoteRequest>([](auto request) { request.setLastIndex(3); }),
          sample<us::message::LeadNow>([](auto) {}),
          submit(),
          replies(),
          append(),
          node_status()};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const us::fuzz::seed_directory seeds{argv[1]};
  bytes all{std::byte{0}, std::byte{16}};
  std::size_t number = 0;
  for (const auto& f : samples()) {
    bytes payload{std::byte{1}, std::byte{7}};
    payload.insert(payload.end(), f.payload().begin(), f.payload().end());
    seeds.write("payload-" + std::to_string(number++), payload);
    append_to(all, f);
  }
  seeds.write("stream", all);
  return seeds.complete() ? 0 : 1;
}
