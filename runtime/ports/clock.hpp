#pragma once
/// Time, as one node sees it. Live: the machine's clocks. Simulation: virtual time with
/// this node's offset, drift, jumps and pauses.

#include "runtime/task.hpp"

#include <caf/actor.hpp>

#include <chrono>
#include <cstdint>

namespace us {

using duration = std::chrono::nanoseconds;
/// Monotonic; comparable only with others of the same node and incarnation.
using time_point = std::chrono::time_point<std::chrono::steady_clock, duration>;

class clock {
 public:
  virtual ~clock() = default;
  virtual time_point now() const = 0;
  /// Milliseconds since 1970. May jump, both ways.
  virtual std::int64_t wall_ms() const = 0;
  /// Sends `work` to `receiver` after `delay` (at once when not positive). It runs in the
  /// receiver's context, or never when the receiver is gone by then.
  virtual void after(duration delay, caf::actor receiver, task work) = 0;
};

}  // namespace us
