#pragma once
/// From what a leader has executed to its answers: what goes into the log, what is committed, who
/// is answered. A turn is everything that is executed before the actor has nothing more to handle;
/// its changes make one entry, or a few when they are many. Works on the leader's state.

#include "actors/leader_follower/leader.hpp"

namespace us::committing {

/// Goes to our disk while it goes to those of the followers.
void append(leader_actor* self, const entry_content& content);
/// The same, and it is sent at once.
void propose(leader_actor* self, const entry_content& content);

/// Commits what a majority has, and lets go the answers that waited for it.
void advance(leader_actor* self);
void release_answers(leader_actor* self);

void end_turn(leader_actor* self);
void schedule_end_of_turn(leader_actor* self);

/// Answers once it may; see answer_gate.hpp.
void gate(leader_actor* self, gated_reply reply);

turn_limits limits_now(leader_actor* self);

}  // namespace us::committing
