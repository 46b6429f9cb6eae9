#include "tests/determinism/cluster_hashes.hpp"

#include "tests/leader_follower/sim_cluster.hpp"

namespace us::test {

std::uint64_t cluster_hash(std::uint64_t seed) {
  using namespace std::chrono_literals;
  sim_cluster cluster{{.nodes = 5, .seed = seed, .faults = intensity::brutal, .length = 3s}};
  cluster.start_clients();
  cluster.run();
  return cluster.sim().trace_hash();
}

}  // namespace us::test
