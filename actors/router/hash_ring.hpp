#pragma once
/// Consistent hashing: a circle on which every node has many points; a key belongs to the node
/// whose point follows it. When a node goes, only its keys move, spread over all others.
///
/// With bounded load a node that has more than `load_factor` times its fair share of what is under
/// way is passed over for the next on the circle, so that one hot key does not bury one node.
/// Points depend on the nodes' names only: every router of every process agrees.
/// Source: Karger et al. 1997; Mirrokni, Thorup, Zadimoghaddam 2016.

#include "actors/router/balancing.hpp"

#include <string>
#include <utility>

namespace us {

class hash_ring {
 public:
  static constexpr std::size_t points_per_node = 128;

  /// Targets are numbered as in `names`.
  explicit hash_ring(const std::vector<std::string>& names);

  /// The candidate that the key belongs to. load_factor 0: whatever its load; else at least 1.
  std::size_t choose(std::span<const candidate> among, std::uint64_t key, double load_factor) const;

  /// A key's place on the circle; stable across processes and versions.
  static std::uint64_t place_of(std::string_view key);

 private:
  std::vector<std::pair<std::uint64_t, std::size_t>> points_;  ///< sorted
};

}  // namespace us
