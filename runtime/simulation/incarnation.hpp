#pragma once
/// One life of a simulated node, shared with its ports, which do nothing once it has ended.

#include "runtime/node/context.hpp"
#include "runtime/simulation/sim_clock.hpp"
#include "runtime/simulation/sim_disk.hpp"

#include <caf/actor.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace us::sim {

class world;
class executor_port;

class incarnation {
 public:
  world* where = nullptr;
  std::uint32_t node = 0;   ///< its index
  std::uint64_t start = 0;  ///< counts the node's starts, from 1
  std::string name;
  bool alive = true;
  time_point died_at{};
  clock_state* clock = nullptr;

  std::shared_ptr<disk_access> disk;
  std::shared_ptr<executor_port> jobs;
  node_ptr context;
  caf::actor root;
  std::vector<caf::actor> guests;
  /// Its actors that have not ended.
  std::int64_t actors = 0;
  /// The root ended by itself, and why.
  bool root_ended = false;
  bool in_order = false;
  std::string reason;
};

}  // namespace us::sim
