#pragma once
/// What a node of an active-passive group can be, and why it changes. A role never turns into
/// another: it reports `retired` to its seat and ends; the seat checks the edge here and starts the
/// next role on the same view of the group.
///
///             nobody active is heard          has the lease, has fenced
///   passive --------------------------> claimant ------------------> active
///    ^  |  ^                               |  |                       |  |
///    |  |  +-- another is, or refused -----+  |                       |  |
///    |  |  +-- a newer claim, lease or time over, handed over --------+  |
///    |  v                                     v                          v
///   aside <---- a check fails, link down, maintenance, the address is a stranger's
///
/// Where something else chooses the active (a leader's election), a passive that is not chosen does
/// not stand, and who is active or about to be becomes passive when another is chosen.

#include "messages/ids.hpp"
#include "runtime/ports/address_owner.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <memory>
#include <optional>
#include <string>

namespace us::active_passive {

enum class role : unsigned char { passive, claimant, active, aside };
std::string to_string(role r);

constexpr bool legal(role from, role to) {
  switch (from) {
    case role::passive: return to == role::claimant || to == role::aside;
    case role::claimant: return to != role::claimant;
    case role::active: return to == role::passive || to == role::aside;
    case role::aside: return to == role::passive;
  }
  return false;
}

struct group_view;
using view_box = std::shared_ptr<std::unique_ptr<group_view>>;

/// What a role tells the one that it asks for.
struct term {
  us::epoch epoch;           ///< that it stands for or has; 0: the next one
  bool handed_over = false;  ///< by the active, in order
  node_id former;            ///< the active before
  time_point held_until{};   ///< lease: the claimant's
};

/// A role's last word to its seat.
struct retired {
  role next;
  std::string why;  ///< plain words: "a was not heard for 63 ms"
  us::active_passive::term term;
  view_box view;
};

/// Whether this node is the one to be active, where something else than the group says so (see
/// group::chosen_by).
struct choice {
  bool here = true;
  std::string why;  ///< plain words: "b leads kv, epoch 7"
  friend bool operator==(const choice&, const choice&) = default;
};

/// Why a node cannot be active now; the seat tells its role when that changes.
struct conditions {
  bool witness = false;
  bool maintenance = false;
  std::string failing;    ///< what a health check says
  std::string link_down;  ///< what the interface says
  std::string stranger;   ///< who else has the address
  /// Another is to be active: no problem, but a passive does not stand meanwhile.
  active_passive::choice choice;

  /// The first that holds; empty: it can be active.
  std::string problem() const;
};

// From the seat to its role.
struct wind_down {};      ///< end in order: hand over first
struct hand_over_now {};  ///< an operator wants another to be active
struct address_told {
  address_event event;
};

// To the seat, from parts of the same process.
/// From the network: the machine of `node` says that no process listens there.
struct peer_refused {
  node_id node;
};
struct health_changed {
  std::string failing;  ///< empty: all is well
};
struct maintenance_changed {
  bool on = false;
};
struct choice_changed {
  active_passive::choice now;
};

/// From the seat to the group's listener, whenever the role changes.
struct duty_changed {
  std::string group;
  role now = role::passive;
  us::epoch epoch;
  std::string why;
};

inline std::string to_string(const retired& r) {
  return "retired(" + to_string(r.next) + ")";
}
inline std::string to_string(const conditions&) {
  return "conditions";
}
inline std::string to_string(const wind_down&) {
  return "wind_down";
}
inline std::string to_string(const hand_over_now&) {
  return "hand_over_now";
}
inline std::string to_string(const address_told&) {
  return "address_told";
}
inline std::string to_string(const peer_refused&) {
  return "peer_refused";
}
inline std::string to_string(const health_changed&) {
  return "health_changed";
}
inline std::string to_string(const maintenance_changed&) {
  return "maintenance_changed";
}
inline std::string to_string(const choice_changed&) {
  return "choice_changed";
}
inline std::string to_string(const duty_changed&) {
  return "duty_changed";
}

}  // namespace us::active_passive

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(us::active_passive::retired)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(us::active_passive::conditions)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(us::active_passive::wind_down)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(us::active_passive::hand_over_now)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(us::active_passive::address_told)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(us::active_passive::peer_refused)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(us::active_passive::health_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(us::active_passive::maintenance_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(us::active_passive::choice_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(us::active_passive::duty_changed)
