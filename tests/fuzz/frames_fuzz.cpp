/// Fuzz target: bytes from a peer. The first byte chooses what the rest is (a stream as it
/// comes from a socket, or one payload under a valid header), the second in what pieces it arrives.
#include "messages/wire.hpp"
#include "tests/fuzz/frame_walk.hpp"

#include <kj/exception.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void read_back(const us::frame& f) {
  us::frame again;
  require(us::frame::decode(f.payload(), {}, again) == us::frame_error::none);
  require(again.type() == f.type() && again.head().to == f.head().to);
  require(std::ranges::equal(again.payload(), f.payload()));
}

struct outcome {
  std::size_t frames = 0;
  std::size_t refused = 0;
  us::frame_error ended = us::frame_error::none;

  bool operator==(const outcome&) const = default;
};

outcome read_in_pieces(std::span<const std::byte> stream, std::size_t piece, bool look) {
  us::wire_reader reader{{.bytes_max = 1u << 20, .nesting_max = 32}};
  outcome result;
  const auto each = [&](const us::frame& f) {
    ++result.frames;
    if (!look) return;
    read_back(f);
    try {
      us::fuzz::walk(f);
    } catch (const kj::Exception&) {  // what dispatch reports as malformed
    }
  };
  for (std::size_t at = 0; at < stream.size(); at += piece)
    result.ended = reader.consume(stream.subspan(at, std::min(piece, stream.size() - at)), each,
                                  [&](us::frame_error) { ++result.refused; });
  require(reader.buffered() <= stream.size());
  return result;
}

std::vector<std::byte> under_valid_header(std::span<const std::byte> payload) {
  std::vector<std::byte> padded{payload.begin(), payload.end()};
  padded.resize((padded.size() + 7) / 8 * 8);
  const auto header = us::wire_header(padded);
  padded.insert(padded.begin(), header.begin(), header.end());
  return padded;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto input = std::as_bytes(std::span{data, size}).subspan(2);
  const std::size_t piece = 1u + data[1];
  const auto stream = data[0] % 2 == 0 ? std::vector(input.begin(), input.end())
                                       : under_valid_header(input);
  if (stream.empty()) return 0;
  const auto whole = read_in_pieces(stream, stream.size(), true);
  require(whole == read_in_pieces(stream, piece, false));
  return 0;
}
