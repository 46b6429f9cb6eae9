#pragma once
/// Runs blocking work (the disk's) off the actors' threads. Live: one thread per lane.
/// Simulation: in virtual time, in the disk's order.

#include "runtime/task.hpp"

#include <caf/actor.hpp>

#include <cstddef>
#include <functional>
#include <utility>

namespace us {

/// Jobs of a lane run one after another in the order given; lanes run beside each other.
enum class lane : unsigned char {
  log,   ///< appends: what clients wait for
  sync,  ///< syncs of what is written already, which no client waits for
  bulk,  ///< preparing segments, reading old entries, snapshots
  idle,  ///< what takes long and may take longer: gets the time that nobody else wants
};
inline constexpr std::size_t count_of_lanes = 4;

class executor {
 public:
  virtual ~executor() = default;
  /// Runs `job`, then sends `then` to `receiver`. `job` must not throw and owns what it
  /// touches: the actor may be gone when it runs.
  virtual void run(lane where, std::function<void()> job, caf::actor receiver, task then) = 0;
  /// As run(), for a job that waits for no device: it writes a little into the system's cache.
  /// If the lane has nothing to do, the job may be over before this returns; `then` is sent all
  /// the same.
  virtual void run_brief(lane where, std::function<void()> job, caf::actor receiver, task then) {
    run(where, std::move(job), std::move(receiver), std::move(then));
  }
};

}  // namespace us
