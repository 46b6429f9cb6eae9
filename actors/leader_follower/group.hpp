#pragma once
/// The replicas of one partition of one service, as each of them sees it. Immutable.

#include "runtime/node/context.hpp"
#include "runtime/service/service.hpp"

#include <caf/actor.hpp>

#include <string>
#include <vector>

namespace us {

struct group_limits {
  std::size_t window_bytes = 4u << 20;        ///< to one follower without its acknowledgement
  std::size_t request_bytes = 1u << 20;       ///< entries in one append request
  std::size_t uncommitted_bytes = 64u << 20;  ///< beyond it requests are refused as overloaded
};

struct group {
  us::service service;
  std::string directory;  ///< of the change log, on the node's disk
  actor_key seat;
  caf::actor monitor;  ///< heartbeat monitor of this node; may be null in tests
  group_limits limits;
};

using group_ptr = std::shared_ptr<const group>;

}  // namespace us
