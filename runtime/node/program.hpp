#pragma once
/// What a node runs: starts its actors and names their root. The same program runs live,
/// in one process and in simulation: all that differs are the ports in the node's context.

#include "runtime/node/context.hpp"

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include <functional>

namespace us {

/// The returned root owns all other actors of the node: when it ends, they end. It ends in order
/// (leadership handed over, requests drained) on exit_reason::user_shutdown, at once on kill.
using node_program = std::function<caf::actor(caf::actor_system&, const node_ptr&)>;

}  // namespace us
