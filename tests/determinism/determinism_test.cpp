// A whole cluster under brutal faults: the seed decides every byte, and nothing asks the machine.
#include "runtime/simulation/gtest.hpp"
#include "tests/determinism/cluster_hashes.hpp"
#include "tests/determinism/reality_probe.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>
#include <unistd.h>

namespace us::test {
namespace {

TEST(ClusterDeterminism, EachSeedRunsTwiceTheSame) {
  std::set<std::uint64_t> different;
  for_each_seed(1, hashed_seeds, [&](std::uint64_t seed) {
    const auto hash = cluster_hash(seed);
    EXPECT_EQ(hash, cluster_hash(seed)) << "seed " << seed;
    EXPECT_TRUE(different.insert(hash).second) << "seed " << seed << " ran as another one";
  });
}

// But for CAF's logger, which is off: it notes when its actor system was made.
TEST(ClusterDeterminism, NothingAsksTheMachineForTimeOrChance) {
  std::string for_an_empty_run;
  {
    reality_probe probe;
    simulation{{.nodes = {}}, {}};
    for_an_empty_run = probe.seen();
  }
  EXPECT_EQ(for_an_empty_run, "clock_gettime 1");
  reality_probe probe;
  (void)cluster_hash(test_seed(1));
  EXPECT_EQ(probe.seen(), for_an_empty_run);
}

TEST(RealityProbe, SeesWhatIsAskedThroughTheLibrariesToo) {
  reality_probe probe;
  (void)std::chrono::steady_clock::now();
  EXPECT_EQ(probe.seen(), "clock_gettime 1");
  (void)std::chrono::system_clock::now();
  (void)::getpid();
  (void)::time(nullptr);
  EXPECT_EQ(probe.seen(), "clock_gettime 2 time 1 getpid 1");
}

}  // namespace
}  // namespace us::test
