#pragma once
/// A router as an actor of its own, to which anyone on any node can send requests as to a seat: one
/// per node and service, listed under router_key().
///
/// Receives OpenSession, SubmitBatch and WatchLeader (it answers for the service), so that a
/// service_client works through it unchanged (service_client::options::seat). Hosts a router. Sends
/// SessionOpened, ReplyBatch and LeaderChanged. An id is routed once: one that comes again while it
/// is under way, or after it was answered, gets the same answer. A session of a former router actor
/// is refused, never routed anew. Bounds: those of answer_table and router.

#include "actors/router/router.hpp"

#include <caf/fwd.hpp>

namespace us {

actor_key router_key(std::string_view service);

caf::actor spawn_router(caf::actor_system& system, node_ptr node, router::options how);

}  // namespace us
