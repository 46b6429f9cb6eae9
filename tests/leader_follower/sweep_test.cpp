// Sweeps over seeds: safe under faults, alive once healed. UNDERSTUDY_SEED is the first seed,
// UNDERSTUDY_SEEDS how many of each sweep.
#include "actors/simulation/gtest.hpp"
#include "tests/leader_follower/sim_cluster.hpp"

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
  group_limits limits;
};

/// Faults from the first moment on, none long: what leads hardly begins.
cluster_options stormy(std::size_t nodes) {
  cluster_options how;
  how.nodes = nodes;
  how.plan = fault_plan{{},
                        10s,
                        plan_recipe{.how = intensity::brutal,
                                    .length = 10s,
                                    .gap_min = 20ms,
                                    .gap_max = 400ms,
                                    .lasts_min = 20ms,
                                    .lasts_max = 1200ms}};
  return how;
}

std::vector<sweep_kind> kinds() {
  return {{"ThreeCalm", 10, {.nodes = 3, .faults = intensity::calm}, {}},
          {"ThreeRough", 20, {.nodes = 3, .faults = intensity::rough}, {}},
          {"FiveBrutal", 20, {.nodes = 5, .faults = intensity::brutal}, {}},
          {"ThreeStorm", 20, stormy(3), {}},
          {"ThreeStormTight", 20, stormy(3), tight},
          {"FiveStorm", 15, stormy(5), tight}};
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
    cluster.run();
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
