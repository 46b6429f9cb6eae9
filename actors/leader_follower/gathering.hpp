#pragma once
/// When followers are sent new entries. What a client waits for until they have it: at once. What
/// none does (async): together, as each request costs a follower two hand-overs between threads,
/// and both sides a message, however little is in it. Works on the leader's state.

#include "actors/leader_follower/leader.hpp"

namespace us::gathering {

/// Sends everything that there is.
void send_all(leader_actor* self);

/// To be called at the end of a turn.
void send_or_gather(leader_actor* self);

}  // namespace us::gathering
