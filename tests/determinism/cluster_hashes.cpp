#include "tests/determinism/cluster_hashes.hpp"

#include "tests/leader_follower/sim_cluster.hpp"

namespace us::test {

std::uint64_t cluster_hash(std::uint64_t seed) {
  using namespace std::chrono_literals;
  sim_cluster cluster{{"a", "b", "c", "d", "e"}, seed};
  cluster.start_clients();
  cluster.run(intensity::brutal, 3s);
  return cluster.sim().trace_hash();
}

}  // namespace us::test
