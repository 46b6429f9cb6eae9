#pragma once
/// Frames of known content, and the bytes that they are on a stream.

#include "messages/frame.hpp"
#include "messages/wire.hpp"

#include <string>
#include <vector>

#include "messages/leader_follower.capnp.h"
#include "messages/link.capnp.h"
#include "messages/request.capnp.h"

namespace us::test {

using bytes = std::vector<std::byte>;

inline envelope sample_envelope() {
  return {0, {node_id{11}, actor_key{12}}, actor_key{13}, epoch{14}};
}

inline frame hello_frame(const std::string& node) {
  return make_frame<message::Hello>(sample_envelope(), [&](message::Hello::Builder hello) {
    hello.setVersion(1);
    hello.setCluster("demo");
    hello.setNode(node);
  });
}

/// With `count` entries of `size` bytes: more than one segment when large.
inline frame append_frame(unsigned count, std::size_t size, std::size_t words_hint = 64) {
  const std::string entry(size, 'e');
  return make_frame<message::AppendRequest>(
      sample_envelope(),
      [&](message::AppendRequest::Builder append) {
        append.setPreviousIndex(7);
        auto entries = append.initEntries(count);
        for (unsigned i = 0; i < count; ++i)
          entries.set(i, {reinterpret_cast<const unsigned char*>(entry.data()), entry.size()});
      },
      words_hint);
}

inline void append_to(bytes& stream, const frame& f) {
  const auto header = wire_header(f);
  stream.insert(stream.end(), header.begin(), header.end());
  const auto payload = f.payload();
  stream.insert(stream.end(), payload.begin(), payload.end());
}

inline bytes stream_of(const std::vector<frame>& frames) {
  bytes stream;
  for (const auto& f : frames) append_to(stream, f);
  return stream;
}

/// Any payload under a header that fits it, as a peer with bad intent would send it.
inline bytes sealed(std::span<const std::byte> payload) {
  const auto header = wire_header(payload);
  bytes stream{header.begin(), header.end()};
  stream.insert(stream.end(), payload.begin(), payload.end());
  return stream;
}

/// What a reader made of a stream.
struct reading {
  std::vector<frame> frames;
  std::vector<frame_error> bad;
  frame_error ended = frame_error::none;
};

inline void feed(wire_reader& reader, std::span<const std::byte> part, reading& into) {
  into.ended = reader.consume(
      part, [&](frame f) { into.frames.push_back(std::move(f)); },
      [&](frame_error error) { into.bad.push_back(error); });
}

inline reading read_all(std::span<const std::byte> stream, const frame_limits& limits = {}) {
  wire_reader reader{limits};
  reading result;
  feed(reader, stream, result);
  return result;
}

}  // namespace us::test
