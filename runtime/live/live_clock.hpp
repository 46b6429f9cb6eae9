#pragma once
/// The clock port on the machine's clocks. Timers are CAF's: its clock thread sends the
/// task when it is due, so a timer costs one thread hand-off (about 50 us); there are a few
/// per node and heartbeat, none per request.

#include "runtime/ports/clock.hpp"

#include <caf/fwd.hpp>

namespace us {

/// The wall clock in ms since 1970, for where there are no actors.
std::int64_t wall_clock_ms();

class live_clock final : public clock {
 public:
  explicit live_clock(caf::actor_system& system) : system_(system) {}

  time_point now() const override;
  std::int64_t wall_ms() const override;
  void after(duration delay, caf::actor receiver, task work) override;

 private:
  caf::actor_system& system_;
};

}  // namespace us
