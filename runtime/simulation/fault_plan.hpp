#pragma once
/// Faults as data: what breaks, when and for how long. Made from a seed or by hand, played by
/// simulation::play. A fault that lasts undoes itself at its end.

#include "runtime/ports/clock.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace us {

enum class fault_kind : unsigned char {
  crash,        ///< power loss, then restart with the disk
  kill,         ///< the process dies, then restarts; unsynced writes are in the page cache
  pause,        ///< nothing of the node is scheduled
  partition,    ///< `nodes` cut off from all others, both ways
  cut_one_way,  ///< frames from nodes[0] to nodes[1] are lost
  loss,         ///< each frame lost with probability `amount`
  delay,        ///< frames take up to `amount` milliseconds
  reorder,      ///< each frame leaves its order with probability `amount`
  duplicate,    ///< each frame arrives twice with probability `amount`
  corrupt,      ///< bits flipped in a frame with probability `amount`
  clog,         ///< frames from nodes[0] to nodes[1] wait until the end
  slow_disk,    ///< the disk of nodes[0] takes `amount` times as long
  hang_disk,    ///< no job of the disk of nodes[0] ends
  clock_jump,   ///< the wall clock of nodes[0] jumps by `amount` milliseconds (stays)
  clock_drift,  ///< the clock of nodes[0] runs `amount` ppm fast
};
std::string to_string(fault_kind kind);

struct fault {
  duration at;     ///< from the start of the plan
  duration lasts;  ///< until it is undone
  fault_kind kind;
  std::vector<std::string> nodes;
  double amount = 0;
};
/// "at 1.250 s for 0.300 s: partition a b"
std::string to_string(const fault& f);

struct fault_plan {
  std::vector<fault> faults;  ///< by time
  duration length{0};
};
std::string to_string(const fault_plan& plan);

enum class intensity : unsigned char {
  calm,    ///< now and then one mild fault
  rough,   ///< faults of every kind, a few at once
  brutal,  ///< hardly a quiet moment
};

/// The same arguments give the same plan.
fault_plan make_fault_plan(std::uint64_t seed, const std::vector<std::string>& nodes, intensity how,
                           duration length);

}  // namespace us
