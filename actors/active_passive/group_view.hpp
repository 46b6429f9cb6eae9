#pragma once
/// What a node knows of its group, passed from role to role: the others as they were last heard,
/// the newest epoch, and its own last time as active.

#include "actors/active_passive/election_rules.hpp"
#include "actors/active_passive/group.hpp"
#include "actors/active_passive/roles.hpp"

#include <map>
#include <optional>

#include "messages/active_passive.capnp.h"

namespace us::active_passive {

struct peer_view {
  message::Duty duty = message::Duty::ASIDE;
  us::epoch epoch;  ///< of its last beat
  unsigned priority = 0;
  std::optional<time_point> heard;
  std::optional<time_point> active_since;  ///< first heard as active, without a break
  std::optional<time_point> gone;          ///< said goodbye, or refused
  hardware_address hardware{};
};

/// This node's last time as active, for telling how long two were.
struct past_term {
  us::epoch epoch;
  time_point began{};
  time_point ended{};
};

struct group_view {
  us::epoch newest;  ///< heard or used
  std::map<node_id, peer_view> peers;
  conditions own;
  time_point listening_since{};
  time_point claims_from{};  ///< not before: a claim failed, or an address could not be added
  /// When one that was heard as active was first heard as something else: it holds them no more.
  time_point let_go{};
  bool probed = false;  ///< whether somebody has the address was found out
  std::optional<past_term> last;
  former_active former;  ///< the newest active known of, this node perhaps
  rules::flap_history flaps{0, {}};

  /// The active of the newest claim among those heard within `silence`; none: nobody.
  node_id active(time_point now, duration silence) const;
  /// Those that could take over, heard within `silence`.
  std::vector<rules::contender> contenders(time_point now, duration silence) const;
  bool is_member(const hardware_address& who) const;
};

}  // namespace us::active_passive
