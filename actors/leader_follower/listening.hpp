#pragma once
/// How a follower listens to its leader, and when it stands: after the leader's silence, or when
/// the heartbeat monitor suspects the leader's node. Works on the follower's state.
///
/// A follower that rests (see quiet.hpp) hears no beats: then the monitor alone speaks for the
/// leader.

#include "actors/leader_follower/follower.hpp"

namespace us::listening {

/// Begins to listen; for the beginning of the role.
void begin(follower_actor* self);

/// Another one may win: it gets the time for that.
void wait(follower_actor* self);

/// The leader has spoken.
void heard(follower_actor* self);

/// Whether another one had better not stand: `asker` is the one that asks. A leader that asks
/// whether it would be elected leads no more.
bool hears_leader(follower_actor* self, node_id asker);

bool may_stand(follower_actor* self);

/// What the monitor says of a node.
void hear_of(follower_actor* self, const member_changed& change);

/// Whether the leader's node is held for alive, so that its beats may end.
bool may_rest(follower_actor* self);
/// Beats are listened for again.
void wake(follower_actor* self);

}  // namespace us::listening
