#pragma once
/// A node's clock in simulation: virtual time with an offset, a drift, and jumps of the
/// wall clock. Timers run by the node's own clock: with a drift of +1000 ppm a timer of one
/// second fires after 999 ms of virtual time, and never before now() has passed its deadline.

#include "runtime/ports/clock.hpp"

#include <chrono>
#include <cstdint>
#include <memory>

namespace us::sim {

class incarnation;

class clock_state {
 public:
  /// `now`: the world's virtual time; outlives this.
  explicit clock_state(const duration& now) : virtual_now_(now) {}

  time_point now() const;
  std::int64_t wall_ms() const;

  /// Runs this many parts in a million fast (or slow, when negative) from now on. (-1e6, 1e6)
  void drift(std::int64_t ppm);
  /// Sets the wall clock forward or back. The monotonic clock does not move.
  void jump(std::chrono::milliseconds by);
  /// No drift, wall clock right.
  void heal();

  /// Starts the monotonic clock anew, as a boot does.
  void boot(duration uptime);
  /// How much virtual time passes while this clock goes on by `local`, at least.
  duration virtual_delay(duration local) const;

 private:
  duration elapsed() const;

  const duration& virtual_now_;
  duration anchor_virtual_{0};
  duration anchor_local_{0};
  duration anchor_wall_{0};  ///< since the run's start, as this node's wall clock has it
  std::int64_t ppm_ = 0;
};

/// The clock port of one incarnation.
std::shared_ptr<us::clock> make_clock_port(std::shared_ptr<incarnation> who);

}  // namespace us::sim
