#pragma once
/// Says which members of the cluster are alive (design: phi-accrual with a hard maximum).
///
/// An actor per node, listed under monitor_key(). Sends message::Heartbeat to the monitor of
/// every other member each timing.heartbeat; takes Heartbeat and Goodbye frames, watch_members,
/// link_down and node_learnt messages; sends member_changed to its watchers and writes events for
/// people.
///
/// It doubts itself first: when its own tick comes late it was not scheduled, so the silence
/// that it sees may be its own. It then suspects nobody until it has listened for
/// heartbeat_silence_max. Evidence that does not depend on its own clock (a goodbye, a refused
/// connection) counts always.
/// On user_shutdown it says Goodbye to the others and ends.
/// Time: the node's monotonic clock.

#include "runtime/health/member.hpp"
#include "runtime/node/context.hpp"

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include <memory>

namespace us {

/// Starts it. `table` may be null.
caf::actor spawn_heartbeat_monitor(caf::actor_system& system, node_ptr node,
                                   std::shared_ptr<member_table> table);

}  // namespace us
