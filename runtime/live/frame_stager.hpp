#pragma once
/// Queued frames as a stream of bytes, cut into pieces: what goes out in one write.
/// Copies (a memcpy costs less than a vector of many small pieces for the kernel), so that a
/// frame of any size takes a bounded buffer.

#include "messages/wire.hpp"

#include <deque>
#include <vector>

namespace us {

class frame_stager {
 public:
  std::deque<frame>& frames() { return frames_; }
  /// The first frame is partly out: nothing may be put before it.
  bool first_begun() const { return at_ != 0; }
  bool empty() const { return frames_.empty(); }
  void clear() {
    frames_.clear();
    at_ = 0;
  }

  /// Appends bytes to `into` until it holds about `bytes_max` or nothing is left.
  void fill(std::vector<char>& into, std::size_t bytes_max) {
    while (!frames_.empty() && into.size() < bytes_max) {
      const auto& first = frames_.front();
      if (at_ == 0) {
        auto header = wire_header(first);
        append(into, header);
        at_ = header.size();
      }
      auto rest = first.payload().subspan(at_ - wire_header_bytes);
      rest = rest.first(std::min(rest.size(), bytes_max));
      append(into, rest);
      at_ += rest.size();
      if (at_ < first.size() + wire_header_bytes) continue;
      frames_.pop_front();
      at_ = 0;
    }
  }

 private:
  static void append(std::vector<char>& into, std::span<const std::byte> bytes) {
    auto* first = reinterpret_cast<const char*>(bytes.data());
    into.insert(into.end(), first, first + bytes.size());
  }

  std::deque<frame> frames_;
  std::size_t at_ = 0;  ///< bytes of the first frame, its header included, that are out
};

}  // namespace us
