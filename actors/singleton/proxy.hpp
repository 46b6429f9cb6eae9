#pragma once
/// The way to a singleton on each node: keeps requests until an instance is live, sends them to
/// it wherever it is, and ends each exactly once.
///
/// Receives OpenSession and SubmitBatch from clients of this node (service_client with the seat
/// singleton_key), SingletonAt and SingletonReply from hosts. Sends SessionOpened and ReplyBatch,
/// and SingletonRequest. What is sent to no instance may be rejected; what was sent ends as its
/// host says, or as unknown (request_book). A request that comes twice from its client is taken
/// once. Bounded: beyond `requests_max` without outcome it rejects as overloaded.
/// On user_shutdown every request ends, then the proxy.

#include "runtime/config/singleton_config.hpp"
#include "runtime/node/node_actor.hpp"

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

namespace us::singletons {

caf::actor spawn_proxy(caf::actor_system& system, const node_ptr& node, singleton_config how);

}  // namespace us::singletons
