#pragma once
/// Who holds a group's virtual addresses, in virtual time, and the address owners of simulated
/// nodes that write it down.
///
/// A board belongs to a test and outlives its simulation's nodes. A hold ends at its release or
/// when its time by the node's clock is over, whichever is first, though the node be paused, cut
/// off or dead: as a kernel with a lifetime does. So the board counts a dead node as a holder until
/// then. Releases and answers take some virtual time.

#include "runtime/ports/address_owner.hpp"
#include "runtime/simulation/simulation.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace us {

class address_board {
 public:
  struct hold {
    std::string node;
    duration from{};
    duration to{};           ///< may still grow by renewal, or shrink by release
    bool releasing = false;  ///< renewal has no effect any more
  };
  /// Two nodes that held the addresses at the same time.
  struct overlap {
    std::string one;
    std::string other;
    duration length{};
  };

  /// The simulation outlives every use of the board but its destruction.
  void attach(simulation& sim) { sim_ = &sim; }

  /// The owner for a node's incarnation; what a former one held is released by that.
  std::shared_ptr<address_owner> make_owner(const node_ptr& node);

  /// Nodes that hold them now, sorted.
  std::vector<std::string> holders() const;
  /// "a and b hold the address", when more than one does: for simulation::check.
  std::optional<std::string> more_than_one() const;
  /// How long each pair of nodes held them at once, summed over the run so far.
  std::vector<overlap> overlaps() const;
  /// The longest time without a holder between `from` and `to`.
  duration longest_gap(duration from, duration to) const;
  /// Another machine has the addresses; probes find it.
  std::optional<hardware_address> stranger;

 private:
  friend class sim_address_owner;
  duration now() const { return sim_->now(); }

  simulation* sim_ = nullptr;
  std::vector<hold> holds_;
  std::map<std::string, std::size_t> newest_;  ///< by node, in holds_
};

}  // namespace us
