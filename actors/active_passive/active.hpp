#pragma once
/// Holds the virtual addresses and says so, until it must or should let go.
///
/// Sends Beat each heartbeat, LeaseRequest (safety "lease"), HandOver, LeaseRelease. Receives Beat,
/// HandOverRequest, LeaseAnswer.
/// It holds until a time of its own clock, moved on by each tick ("heartbeat") or by each majority
/// of grants ("lease"); the address owner enforces it without this actor, and the actor checks it
/// before it handles anything. Of two actives the one with the lesser claim lets go; the other
/// announces again once that is heard, since neighbours may have learned the wrong one.
/// Ends: the addresses are off the interface before another role starts.

#include "actors/active_passive/lease_rules.hpp"
#include "actors/active_passive/role_actor.hpp"

namespace us::active_passive {

struct active_state {
  time_point began{};
  time_point until{};                       ///< as the owner was told
  std::optional<rules::lease_tally> tally;  ///< safety "lease"
  node_id successor;                        ///< that was asked to take over; none
  std::string leaving_why;                  ///< that it was asked for
  std::uint64_t hand_overs = 0;             ///< tells the present one's timer from former ones
  node_id rival;                            ///< heard as active with a lesser claim; none
  std::uint64_t announcements = 0;          ///< tells the present series from former ones
  bool stopping = false;
  bool draining = false;  ///< the addresses are being let go of in order, and are held meanwhile
};

using active_actor = role_actor<active_state, message::Duty::ACTIVE>;
caf::behavior active(active_actor* self);

}  // namespace us::active_passive
