#pragma once
/// What a replica can be, and why it changes. A role never turns into another: it
/// reports `retired` to its seat and ends; the seat checks the edge here and starts the
/// next role on the same store.
///
///              group is founded, or exists already
///   newcomer ------+
///                  v
///              stands (no leader heard)          wins a majority
///   follower ---------------------------> candidate ------------> leader
///      ^                                     |                      |
///      +-------------------------------------+----------------------+
///                  a leader or a newer epoch is heard, quorum lost, leadership handed over
/// Source: Ongaro's thesis, figure 3.3.

#include "messages/frame.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace us {

enum class role : unsigned char { newcomer, follower, candidate, leader };
std::string_view name_of(role r);
inline std::string to_string(role r) {
  return std::string{name_of(r)};
}

/// Whether a role may be followed by another. Every role may also crash; then the replica is
/// opened anew and begins as follower.
constexpr bool legal(role from, role to) {
  switch (from) {
    case role::newcomer: return to == role::follower;
    case role::follower: return to == role::candidate;
    case role::candidate: return to == role::leader || to == role::follower;
    case role::leader: return to == role::follower;
  }
  return false;
}

struct replica_store;

/// A role's last word to its seat.
struct retired {
  role next;
  std::string why;        ///< plain words: "a was not heard for 412 ms"
  bool transfer = false;  ///< to candidate: the leader asked for it, stand without asking first
  std::vector<frame> pending;  ///< what made it retire, and reads that wait; for the next role
  std::shared_ptr<std::unique_ptr<replica_store>> store;
};

/// A role tells its seat who leads, for the clients on this node.
struct leads {
  node_id leader;  ///< 0: none known
  us::epoch epoch;
};

/// The seat asks its role to end in order: a leader hands over first.
struct wind_down {};

inline std::string to_string(const retired& r) {
  return "retired(" + to_string(r.next) + ")";
}
inline std::string to_string(const leads&) {
  return "leads";
}
inline std::string to_string(const wind_down&) {
  return "wind_down";
}

}  // namespace us

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(us::retired)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(us::leads)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(us::wind_down)
