#pragma once
/// Holds a group's virtual addresses on one interface of this node, or none of them. Live: netlink
/// and raw packets, in a thread of its own. Simulation: a board that knows who holds what in
/// virtual time.
///
/// Nothing blocks the caller. Answers come in the context of `receiver`, or never when it is gone
/// by then; a null receiver wants none. The addresses are held only until a time by this node's
/// clock, which is renewed by hold_until(): when it passes, the owner lets go by itself, whatever
/// the actors do meanwhile (a dead man's switch), and tells its watcher. What a former process left
/// on the interface is removed when the owner is made; destruction releases. Errors: io_failed,
/// with what to do.

#include "runtime/config/ip_prefix.hpp"
#include "runtime/error.hpp"
#include "runtime/ports/clock.hpp"

#include <caf/actor.hpp>

#include <functional>
#include <string>
#include <vector>

namespace us {

enum class address_event_kind : unsigned char {
  expired,    ///< not renewed in time: released
  taken,      ///< somebody else removed an address from the interface
  duplicate,  ///< another machine, `who`, says that it has an address
  link_down,  ///< the interface has no carrier, is down or gone
  link_up,
};

struct address_event {
  address_event_kind kind;
  std::string why;  ///< plain words
  hardware_address who{};
};

class address_owner {
 public:
  using answer = std::function<void(const status&)>;
  using watch_function = std::function<void(const address_event&)>;
  using probe_answer = std::function<void(const std::vector<hardware_address>&)>;

  virtual ~address_owner() = default;

  /// Tells one watcher what happens unasked; replaces the former one.
  virtual void watch(caf::actor watcher, watch_function f) = 0;
  /// Adds the addresses and announces them once. On failure none is held.
  virtual void assume(time_point until, caf::actor receiver, answer then) = 0;
  /// Held until then at the latest; may only be moved on. No effect when they are not held.
  virtual void hold_until(time_point until) = 0;
  virtual void release(caf::actor receiver, answer then) = 0;
  /// Tells the neighbours where the addresses are: gratuitous ARP, unsolicited neighbour
  /// advertisements. No effect when they are not held.
  virtual void announce() = 0;
  /// Asks the network who has the addresses; answers after `wait` with those that said so. Only
  /// while they are not held.
  virtual void probe(duration wait, caf::actor receiver, probe_answer then) = 0;

  virtual const std::vector<ip_prefix>& addresses() const = 0;
  virtual hardware_address hardware() const = 0;
  virtual bool link_up() const = 0;
};

}  // namespace us
