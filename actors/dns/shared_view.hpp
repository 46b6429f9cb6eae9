#pragma once
/// What several nodes see of the same targets, and what follows from it. Pure.
///
/// A target is down when more than half of those nodes that know something say so: of a fresh
/// view, this node's own included. A node that is alone goes by itself; of two that disagree
/// neither is believed alone, and the target stays. So one broken checker takes nothing away. A
/// view is fresh for `fresh_for` after it was heard. What arrives late or twice changes nothing.

#include "messages/ids.hpp"
#include "runtime/health/check.hpp"
#include "runtime/ports/clock.hpp"

#include <map>
#include <string>
#include <vector>

namespace us::dns {

using check_states = std::vector<check_state>;  ///< one per target, in the configuration's order

struct tally {
  std::size_t up = 0;
  std::size_t down = 0;

  bool known() const { return up + down > 0; }
  bool lives() const { return down <= up; }  ///< what nobody knows lives
};

class shared_view {
 public:
  shared_view(std::size_t targets, duration fresh_for)
      : own_(targets, check_state::unknown), fresh_for_(fresh_for) {}

  void set_own(std::size_t target, check_state state) { own_[target] = state; }
  const check_states& own() const { return own_; }

  struct stamp {
    std::uint64_t incarnation = 0;
    std::uint64_t sequence = 0;
    friend auto operator<=>(const stamp&, const stamp&) = default;
  };
  /// Takes another node's view. False: it is not newer than the one that is known.
  bool take(node_id from, stamp when, check_states states, time_point now);
  /// Forgets views that are no longer fresh. True: there were some.
  bool expire(time_point now);

  std::vector<tally> count() const;
  std::size_t nodes_heard() const { return others_.size(); }

 private:
  struct other {
    stamp when;
    check_states states;
    time_point heard;
  };
  check_states own_;
  duration fresh_for_;
  std::map<node_id, other> others_;
  std::map<node_id, stamp> newest_;  ///< kept when a view expires
};

}  // namespace us::dns
