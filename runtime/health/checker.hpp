#pragma once
/// Checks targets on a schedule and says when their state changes.
///
/// An actor. Owns the histories of its targets. Probes each target at once and then every interval
/// through the prober port; the second probes are spread over the first interval, so that many
/// targets are not always asked together. Sends check_changed to its watcher on every change of
/// state, the first result included; says nothing while a target is unknown. Ends with its parent,
/// or on any exit. Time: the node's monotonic clock; a late tick delays one probe and not those
/// after it.

#include "runtime/health/check.hpp"
#include "runtime/node/context.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/fwd.hpp>

#include <memory>
#include <string>
#include <vector>

namespace us {

/// From the checker to its watcher.
struct check_changed {
  std::string target;
  check_state state = check_state::unknown;
  std::string why;  ///< the result that decided: "connection refused"; empty when it is well
};
std::string to_string(const check_changed& change);

caf::actor spawn_checker(caf::actor_system& system, node_ptr node, std::shared_ptr<prober> prober,
                         std::vector<check_target> targets, caf::actor watcher);

}  // namespace us

// It does not leave the process.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(us::check_changed)
