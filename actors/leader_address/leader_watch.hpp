#pragma once
/// Lets a node hold a service's addresses only while its replica of the service leads.
///
/// An actor. Watches the service's seat on this node (WatchLeader, LeaderChanged, and its death)
/// and tells the seat of the group that holds the addresses who is to be active (choice_changed).
/// Hears duty_changed from that seat: one that was started anew is told again, and metrics are
/// kept. While the service's seat is down the node is not to be active: what led may lead no more.

#include "runtime/node/context.hpp"

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include <string>

namespace us::leader_address {

/// `group`: of the addresses. `interval`: between looks for a seat that is not there.
caf::actor spawn_leader_watch(caf::actor_system& system, const node_ptr& node, std::string service,
                              std::string group, duration interval);

}  // namespace us::leader_address
