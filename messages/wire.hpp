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

/// Splits a stream of bytes into frames. Buffers at most one partial frame, and grows
/// its buffer only with bytes that have arrived, never with a length that a peer claims.
class wire_reader {
 public:
  explicit wire_reader(const frame_limits& limits = {}) : limits_(limits) {}

  /// Takes bytes; calls `each(frame)` per whole frame and `bad(frame_error)` per refused
  /// one. Returns none, or why the stream must be closed.
  template <class Each, class Bad>
  frame_error consume(std::span<const std::byte> bytes, Each&& each, Bad&& bad) {
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    std::size_t at = 0;
    frame_error fatal = frame_error::none;
    for (;;) {
      std::size_t used = 0;
      frame f;
      auto error = next(at, used, f, fatal);
      if (fatal != frame_error::none || used == 0) break;
      at += used;
      if (error == frame_error::none)
        each(std::move(f));
      else
        bad(error);
    }
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(at));
    return fatal;
  }

  std::size_t buffered() const { return buffer_.size(); }

 private:
  frame_error next(std::size_t at, std::size_t& used, frame& f, frame_error& fatal) const;

  frame_limits limits_;
  std::vector<std::byte> buffer_;
};

}  // namespace us
