#pragma once
/// The leader of one of several partitions, or of a group whose members have different priorities,
/// lets the node lead that should, by balance_rules.hpp. Works on the leader's state.
///
/// It hands over once that node has been fit to lead for a while without a break: heard, in sync,
/// with space on its disk. So a node that comes back and goes again moves nothing, and partitions
/// move one after another. When that node did not take over, the next attempt waits twice as long.
/// A leader that an operator chose stays.

#include "actors/leader_follower/leader.hpp"

#include <functional>

namespace us::balancing {

/// Whether it is not all the same who leads.
bool chooses(const role_base& self);

/// To be called at each beat.
void look_after(leader_actor* self);

/// An operator wants this node to lead, which does: it stays.
void stay(leader_actor* self);

/// How much later than usual a follower stands for the first time, so that the first leader of
/// each partition is the one that should be.
duration first_wait(const role_base& self);

/// How much later a follower stands, each time, than one of higher priority that is up.
duration lower_wait(const role_base& self, const std::function<bool(node_id)>& up);

}  // namespace us::balancing
