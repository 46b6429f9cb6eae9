#pragma once
/// The launcher's stdout: lines that wait here while the terminal, or the program behind a
/// pipe, is slow, so that the launcher never blocks and its children never block on it.
///
/// Bounded: beyond waiting_max bytes lines are dropped, and their number is said.

#include <cstddef>
#include <string>
#include <string_view>

namespace us {

class terminal {
 public:
  static constexpr std::size_t waiting_max = 1u << 20;

  void line(std::string_view text);
  /// Wants to be told that stdout takes bytes.
  bool waiting() const { return !buffer_.empty(); }
  /// Call when poll() says that stdout takes bytes: writes what is certain not to block.
  void write_some();

 private:
  std::string buffer_;
  std::size_t dropped_ = 0;
};

}  // namespace us
