#pragma once
/// Quiet groups: a leader with nothing to do ends its beats, and its followers rely on their node's
/// heartbeat monitor for its life. Works on the leader's state.
///
/// After some beats in which nothing was under way, the leader's beat asks for it. Each follower
/// that has everything, committed, and whose monitor holds the leader's node for alive agrees; once
/// all have agreed to the same beat, there are no more. So an idle group costs nothing but what its
/// upkeep does, and a node heartbeat stands for the beats of all its groups. It wakes when anything
/// comes to the leader (but a question for its status), when its upkeep changes something, and when
/// the monitor says anything new of a member's node: that it is suspected, or was restarted. Then
/// it beats and counts silence as ever: what it answers is confirmed by a round of its own, and
/// without a majority it retires. A follower wakes with the next beat that does not ask, and when
/// its monitor says anything new of the leader's node; it also listens for a beat after it has
/// passed on a client's request, since a leader whose actor alone has ended is noticed by nothing
/// else. Only groups of a service with several partitions become quiet, and none without a monitor.

#include "actors/leader_follower/leader.hpp"
#include "runtime/health/member.hpp"

#include <functional>
#include <vector>

namespace us::quieting {

/// To be called at the beginning.
void watch(leader_actor* self);

/// To be called at each beat, before it is sent: looks whether it should ask. True: all have
/// agreed, and there is no further beat.
bool rests(leader_actor* self);

/// A follower has answered.
void note_answer(leader_actor* self, node_id from, bool quiet, std::uint64_t round);

/// Something is to be done: beats go on, at once if there were none.
void wake(leader_actor* self);

/// What the monitor says of a node.
void hear_of(leader_actor* self, const member_changed& change);

/// Handlers that wake the leader first, but for those that need not.
dispatch_table waking(leader_actor* self, std::vector<typed_handler> handlers);

}  // namespace us::quieting
