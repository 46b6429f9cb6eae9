// Sweeps over seeds: safe under faults, alive once healed. UNDERSTUDY_SEED is the first seed,
// UNDERSTUDY_SEEDS how many of each sweep.
#include "runtime/simulation/gtest.hpp"
#include "tests/leader_follower/storm.hpp"

#include <gtest/gtest.h>

namespace us::test {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string> three{"a", "b", "c"};
const std::vector<std::string> five{"a", "b", "c", "d", "e"};
/// One small entry fills a request, and few requests a window.
constexpr group_limits tight{
    .window_bytes = 2048, .request_bytes = 1, .uncommitted_bytes = 64 << 10};

/// A snapshot every few entries, and logs that keep almost nothing behind it.
group_limits tiny_snapshots() {
  group_limits limits;
  limits.snapshot_bytes = 3000;
  limits.snapshot_chunk_bytes = 1000;
  limits.snapshot_rate = 4u << 20;
  limits.retain.bytes = 2000;
  limits.log = {.segment_bytes = 4096, .cache_bytes = 2048};
  return limits;
}

struct sweep {
  const char* name;
  std::uint64_t seeds;
  void (*run)(sim_cluster&);
  std::vector<std::string> nodes;
  group_limits limits;
};

std::vector<sweep> sweeps() {
  const auto calm = [](sim_cluster& cluster) { cluster.run(intensity::calm, 10s); };
  const auto rough = [](sim_cluster& cluster) { cluster.run(intensity::rough, 10s); };
  const auto brutal = [](sim_cluster& cluster) { cluster.run(intensity::brutal, 10s); };
  const auto stormy = [](sim_cluster& cluster) {
    storm(cluster, 10s);
    cluster.heal_and_expect_life();
  };
  const auto lossy = [](sim_cluster& cluster) {
    storm(cluster, 10s, disks::get_lost);
    cluster.heal_and_expect_life();
  };
  return {{"ThreeCalm", 10, calm, three, {}},
          {"ThreeRough", 20, rough, three, {}},
          {"FiveBrutal", 20, brutal, five, {}},
          {"ThreeStorm", 20, stormy, three, {}},
          {"ThreeStormTight", 20, stormy, three, tight},
          {"FiveStorm", 15, stormy, five, tight},
          {"ThreeStormSnapshots", 30, stormy, three, tiny_snapshots()},
          {"ThreeLoseDisks", 30, lossy, three, tiny_snapshots()},
          {"FiveLoseDisks", 20, lossy, five, tiny_snapshots()}};
}

class Sweep : public ::testing::TestWithParam<sweep> {
 protected:
  static void run_seed(const sweep& s, std::uint64_t seed) {
    sim_cluster cluster{s.nodes, seed, s.limits};
    cluster.start_clients();
    s.run(cluster);
    cluster.finish();
    reached_ += cluster.sim().probes();
  }

  /// What sweeps need not reach: files are damaged in tests of their own (catch_up_sim_test.cpp,
  /// snapshot_test.cpp), and some windows are too small to count on.
  static bool need_not_be_reached(rare branch) {
    return branch == rare::snapshot_damaged || branch == rare::data_damaged ||
           branch == rare::snapshot_refused || branch == rare::snapshot_without_log ||
           branch == rare::snapshot_came_late || branch == rare::reply_of_lost_disk;
  }

  /// All sweeps together take every rare branch; one alone need not.
  static void TearDownTestSuite() {
    if (swept_ != sweeps().size()) return;
    for (std::size_t i = 0; i < rare_count; ++i) {
      const auto branch = static_cast<rare>(i);
      if (need_not_be_reached(branch)) continue;
      EXPECT_GT(reached_.of(branch), 0u) << "no sweep took the branch " << to_string(branch);
    }
  }

  static inline probe_counts reached_;
  static inline std::size_t swept_ = 0;  ///< how many of the sweeps ran with all their seeds
};

TEST_P(Sweep, StaysSafeUnderFaultsAndLivesOnceHealed) {
  const auto first = test_seed();
  const auto count = sim::number_from_environment("UNDERSTUDY_SEEDS").value_or(GetParam().seeds);
  for (auto seed = first; seed < first + count; ++seed) run_seed(GetParam(), test_seed(seed));
  if (count >= GetParam().seeds) ++swept_;
}

INSTANTIATE_TEST_SUITE_P(LeaderFollower, Sweep, ::testing::ValuesIn(sweeps()),
                         [](const auto& with) { return with.param.name; });

}  // namespace
}  // namespace us::test
