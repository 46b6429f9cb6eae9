#pragma once
/// A simulated cluster of the counter whose address follows the leader, under a board that knows
/// who holds it.

#include "actors/simulation/simulated_cluster.hpp"
#include "runtime/simulation/sim_address_owner.hpp"

#include <string>

namespace us::test {

class addressed_cluster {
 public:
  /// With a lease it is checked after every event that no two hold the address.
  explicit addressed_cluster(cluster_options how, bool lease = true);

  simulated_cluster& nodes() { return nodes_; }
  address_board& board() { return board_; }
  std::string leader() const { return nodes_.leader(); }
  /// The one that holds the address now; empty: none, or more than one.
  std::string holder() const;
  /// Runs until the leader, and no other node, has held the address for a second.
  bool settles(duration limit = std::chrono::seconds{10});
  /// Runs until that node, and no other, holds it.
  bool held_by(const std::string& node, duration limit);
  std::size_t said(const std::string& text) { return nodes_.world().timeline().count(text); }

 private:
  address_board board_;
  simulated_cluster nodes_;
};

}  // namespace us::test
