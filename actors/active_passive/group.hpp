#pragma once
/// The nodes that keep one set of virtual addresses, as each of them sees it. Immutable.

#include "messages/ids.hpp"
#include "runtime/health/member.hpp"
#include "runtime/node/context.hpp"
#include "runtime/ports/address_owner.hpp"

#include <caf/actor.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace us::active_passive {

enum class safety : unsigned char {
  heartbeat,  ///< two nodes suffice; on two sides of a partition there may be two actives
  lease,      ///< active only with the lease of a majority of the group's nodes
};

struct group_timing {
  duration heartbeat = std::chrono::milliseconds{20};
  unsigned missed_max = 3;  ///< intervals without a beat: the active is taken for gone
  duration lease = std::chrono::milliseconds{100};
  std::int64_t drift_ppm = 10'000;  ///< no clock runs faster or slower than that
  duration preempt_delay = std::chrono::seconds{1};
  duration announce_every = std::chrono::seconds{60};
  duration flap_window = std::chrono::seconds{60};
  unsigned flap_max = 5;

  duration silence() const { return heartbeat * missed_max; }
};

/// "Make sure that the former active is off." Called before an address is assumed from an active
/// that did not let go by itself.
struct fence_request {
  std::string group;
  std::string victim;  ///< a node's name
  us::epoch epoch;     ///< of the one that takes over
  std::string why;
};
using fence_answer = std::function<void(bool well, const std::string& why)>;
using fence_function =
    std::function<void(const fence_request&, caf::actor receiver, fence_answer then)>;

/// The newest active that is known of.
struct former_active {
  node_id node;  ///< none: nobody knows of one
  us::epoch epoch;
  bool in_order = false;  ///< it let go on purpose, and nothing had failed

  /// Keeps the newer of the two.
  void learn(const former_active& other);
};

/// What an active begins with.
struct term_start {
  us::epoch epoch;
  former_active former;
};

struct group {
  std::string name;
  active_passive::safety safety = safety::heartbeat;
  group_timing timing;
  unsigned priority = 100;  ///< this node's, 1 to 254
  bool preempt = false;     ///< a node of higher priority asks the active to hand over
  bool witness = false;     ///< grants leases, never stands
  /// What tells the seat by choice_changed whether this node is to be active ("the leader of kv");
  /// until it has, the node is not. Empty: the group chooses by priority alone.
  std::string chosen_by;
  /// Hands over only once the addresses are off, with heartbeats too: nobody holds them meanwhile.
  bool release_first = false;
  std::shared_ptr<address_owner> owner;  ///< null: witness
  fence_function fence;                  ///< null: none
  /// Called by an active before it assumes the addresses; may be null.
  std::function<void(const term_start&)> on_term;
  std::shared_ptr<member_table> members;  ///< gets who is heard; may be null
  caf::actor listener;                    ///< hears duty_changed; may be null
  std::string directory;                  ///< of its promises, on the node's disk
  actor_key seat;
};
using group_ptr = std::shared_ptr<const group>;

}  // namespace us::active_passive
