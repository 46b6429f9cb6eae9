#pragma once
/// When a request that may be executed twice is sent to a second node as well: after the time
/// within which 95 of 100 recent ones were answered. Whichever answers first counts.
///
/// Pure. Source: Dean, Barroso: The Tail at Scale, 2013.

#include "runtime/ports/clock.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace us {

struct hedge_rules {
  bool on = true;
  duration least = std::chrono::milliseconds{2};  ///< not earlier, however fast the nodes are
  double share = 0.95;
};

/// The latencies of the last answers, and the one that `share` of them do not exceed.
class latency_window {
 public:
  explicit latency_window(double share = 0.95) : share_(share) {}

  void add(duration latency);
  /// 0 before there are enough.
  duration usual() const { return usual_; }

  static constexpr std::size_t size = 256;
  static constexpr std::size_t refresh_every = 32;

 private:
  void refresh();

  double share_;
  std::array<std::int64_t, size> last_{};
  std::uint64_t count_ = 0;
  duration usual_{0};
};

/// How long after it was sent a request is hedged; never later than half of what a node may take
/// before it counts as failed.
duration hedge_delay(const latency_window& seen, const hedge_rules& rules,
                     duration attempt_timeout);

}  // namespace us
