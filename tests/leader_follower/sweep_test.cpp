// Sweeps over seeds: safe under faults, alive once healed. UNDERSTUDY_SEED is the first seed,
// UNDERSTUDY_SEEDS how many of each sweep.
#include "actors/simulation/gtest.hpp"
#include "tests/leader_follower/storm.hpp"

#include <gtest/gtest.h>

namespace us::test {
namespace {

using namespace std::chrono_literals;

/// One small entry fills a request, and few requests a window.
constexpr group_limits tight{
    .window_bytes = 2048, .request_bytes = 1, .uncommitted_bytes = 64 << 10};

struct sweep_kind {
  const char* name;
  std::uint64_t seeds;
  cluster_options how;
  void (*run)(sim_cluster&);
  group_limits limits;
};

std::vector<sweep_kind> kinds() {
  const auto planned = [](sim_cluster& cluster) { cluster.run(); };
  const auto stormy = [](sim_cluster& cluster) {
    storm(cluster, 10s);
    cluster.heal_and_expect_life();
  };
  return {{"ThreeCalm", 10, {.nodes = 3, .faults = intensity::calm}, planned, {}},
          {"ThreeRough", 20, {.nodes = 3, .faults = intensity::rough}, planned, {}},
          {"FiveBrutal", 20, {.nodes = 5, .faults = intensity::brutal}, planned, {}},
          {"ThreeStorm", 20, {.nodes = 3}, stormy, {}},
          {"ThreeStormTight", 20, {.nodes = 3}, stormy, tight},
          {"FiveStorm", 15, {.nodes = 5}, stormy, tight}};
}

class Sweep : public ::testing::TestWithParam<sweep_kind> {
 protected:
  /// All sweeps together take every rare branch; one alone need not.
  static void TearDownTestSuite() {
    if (swept_ != kinds().size()) return;
    for (std::size_t i = 0; i < rare_count; ++i) {
      const auto branch = static_cast<rare>(i);
      EXPECT_GT(reached_.of(branch), 0u) << "no sweep took the branch " << to_string(branch);
    }
  }

  static inline probe_counts reached_;
  static inline std::size_t swept_ = 0;  ///< how many of the sweeps ran with all their seeds
};

TEST_P(Sweep, StaysSafeUnderFaultsAndLivesOnceHealed) {
  const auto& kind = GetParam();
  std::uint64_t runs = 0;
  sweep(kind.how, kind.seeds, [&](const cluster_options& how) {
    sim_cluster cluster{how, kind.limits};
    cluster.start_clients();
    kind.run(cluster);
    cluster.finish();
    reached_ += cluster.sim().probes();
    ++runs;
  });
  if (runs >= kind.seeds) ++swept_;
}

INSTANTIATE_TEST_SUITE_P(LeaderFollower, Sweep, ::testing::ValuesIn(kinds()),
                         [](const auto& with) { return with.param.name; });

}  // namespace
}  // namespace us::test
