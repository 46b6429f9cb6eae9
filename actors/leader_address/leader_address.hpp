#pragma once
/// Virtual addresses that follow the leader of a service: with failover "active-passive" and
/// replication "leader-follower" the leader is the active.
///
/// An active-passive group (actors/active_passive) of the service's nodes decides who holds the
/// addresses, so two never do as far as its lease goes; the election of the service only says who
/// may stand (leader_watch). A leader that leads no more lets go and hands over to the one that
/// does; a leader that dies is followed once its lease is over.

#include "runtime/config/address_config.hpp"
#include "runtime/node/context.hpp"
#include "runtime/ports/address_owner.hpp"

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include <memory>
#include <string>

namespace us {

/// Of the group, in status, events and metrics: "kv-address".
std::string leader_address_name(const std::string& service);

/// This node's part of it. Started after the service's seat, so that it is stopped before it: then
/// the addresses go in order.
caf::actor spawn_leader_address(caf::actor_system& system, const node_ptr& node,
                                const std::string& service, const address_config& how,
                                const std::shared_ptr<address_owner>& owner);

}  // namespace us
