#pragma once
/// Frames as bytes on a stream: an 8-byte header (size and checksum of the payload,
/// little endian), then the payload. Used by links, and by the fuzzer.
///
/// Errors: a bad frame (frame_error::malformed) is skipped, the stream goes on; a bad
/// header (oversized, or a size that is no multiple of 8) or checksum ends the stream:
/// nothing after it can be trusted.

#include "messages/frame.hpp"

#include <array>
#include <vector>

namespace us {

constexpr std::size_t wire_header_bytes = 8;

/// Header for a frame; the payload follows it.
std::array<std::byte, wire_header_bytes> wire_header(const frame& f);
/// The same for any bytes: what a test or a damaged link puts on a stream.
std::array<std::byte, wire_header_bytes> wire_header(std::span<const std::byte> payload);

/// Splits a stream of bytes into frames. Frames that lie whole in what is consumed are read
/// in place; at most one partial frame is buffered, and the buffer grows only with bytes that
/// have arrived, never with a length that a peer claims.
class wire_reader {
 public:
  explicit wire_reader(const frame_limits& limits = {}) : limits_(limits) {}

  /// Takes bytes; calls `each(frame)` per whole frame and `bad(frame_error)` per refused
  /// one. Returns none, or why the stream must be closed: then nothing more is read from it.
  template <class Each, class Bad>
  frame_error consume(std::span<const std::byte> bytes, Each&& each, Bad&& bad) {
    frame f;
    auto error = frame_error::none;
    while (next(bytes, f, error)) {
      if (error == frame_error::none)
        each(std::move(f));
      else
        bad(error);
    }
    return ended_;
  }

  std::size_t buffered() const { return partial_.size(); }

 private:
  bool next(std::span<const std::byte>& bytes, frame& f, frame_error& error);
  bool complete_partial(std::span<const std::byte>& bytes);
  std::size_t wanted(std::span<const std::byte> front);
  frame_error open(std::span<const std::byte> whole, frame& f);

  frame_limits limits_;
  std::vector<std::byte> partial_;
  frame_error ended_ = frame_error::none;
};

}  // namespace us
