#pragma once
/// A replica on an empty directory that does not know yet whether its group exists: asks the other
/// members, votes for nobody and takes nothing.
///
/// Ends as follower: as a member when all members were found fresh (they found the group together;
/// a first start waits until each of them has been reached) or when another counted this very
/// directory among the founders; else recovering. Receives StandingReply; sends StandingQuery until
/// it knows. Clients' requests are answered as redirected.

#include "actors/leader_follower/role_actor.hpp"

namespace us {

struct newcomer_state {
  static constexpr role is = role::newcomer;
  void check_invariants(const replica_store& store) const;

  std::map<node_id, standing> answers;
  bool decided = false;
  time_point complained;
};

using newcomer_actor = role_actor<newcomer_state>;
caf::behavior newcomer(newcomer_actor* self);

}  // namespace us
