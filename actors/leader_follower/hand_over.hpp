#pragma once
/// The leader lets another lead: when its node stops, when its disk is full, or when an operator
/// asks. Works on the leader's state.
///
/// New requests are refused, certainly not executed, until one follower that has every entry was
/// told to stand at once. When nobody has taken over in time, a leader that stops or whose disk is
/// full retires; one that was asked to hand over to a certain node goes on leading.
/// Source: Ongaro's thesis 3.10.

#include "actors/leader_follower/leader.hpp"

#include <string>

namespace us::handing {

/// To whoever has everything; it retires if nobody takes over.
void to_anyone(leader_actor* self);
/// Why that node cannot be handed over to; empty: it is begun. `chosen`: by an operator.
std::string to_node(leader_actor* self, node_id to, bool chosen);
/// To be called when a follower has answered.
void go_on(leader_actor* self);
/// To be called at each beat. False: the leader has retired.
bool look_after(leader_actor* self);

}  // namespace us::handing
