#pragma once
/// Gathers what an active needs before it touches the address: with safety "lease" the grants of a
/// majority, and with a fence the word that the former active is off.
///
/// Sends Beat, LeaseRequest to every node each heartbeat, LeaseRelease when it gives up. Receives
/// LeaseAnswer, Beat. Gives way to an active that is heard, unless that one hands over.
/// Errors: a fence that fails, or no majority in time: passive again, after a random while.

#include "actors/active_passive/lease_rules.hpp"
#include "actors/active_passive/role_actor.hpp"

namespace us::active_passive {

struct claimant_state {
  time_point began{};
  std::optional<rules::lease_tally> tally;  ///< safety "lease"
  bool fencing = false;
};

using claimant_actor = role_actor<claimant_state, message::Duty::CLAIMING>;
caf::behavior claimant(claimant_actor* self);

/// One round: asks every node of the group, this one too. Also for the active, which renews.
void ask_for_lease(role_base* self, rules::lease_tally& tally);
rules::lease_tally new_tally(role_base* self);

}  // namespace us::active_passive
