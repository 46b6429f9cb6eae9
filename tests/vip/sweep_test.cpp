// Sweeps over seeds. UNDERSTUDY_SEED is the first seed, UNDERSTUDY_SEEDS how many of each sweep.
// Lease: never two holders, whatever fails, as long as no clock drifts beyond the bound.
// Heartbeat: once healed there is one holder again; how long there were two is printed.
#include "tests/vip/sim_group.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

namespace us::test {
namespace {

using namespace std::chrono_literals;
using active_passive::safety;

/// The plans let clocks drift by up to 5 %.
active_passive::group_timing drifting() {
  active_passive::group_timing timing;
  timing.drift_ppm = 55'000;
  return timing;
}

struct sweep {
  const char* name;
  std::uint64_t seeds;
  active_passive::safety safety;
  std::vector<std::string> nodes;
  std::string witness;
  intensity how;
};

/// An operator who, amid all that, wants another to be active.
void move_now_and_then(sim_group& group) {
  for (auto when = 500ms; when < 5s; when += 700ms)
    group.sim().after(when, [&group] {
      const auto holder = group.holder();
      if (holder.empty()) return;
      const auto& node = group.sim().node(holder);
      if (node.running() && !node.paused()) group.tell(holder, active_passive::hand_over_now{});
    });
}

class ActivePassiveSweep : public ::testing::TestWithParam<sweep> {};

TEST_P(ActivePassiveSweep, StaysSafeUnderFaultsAndLivesOnceHealed) {
  const auto& with = GetParam();
  duration both{0};
  std::uint64_t runs = 0;
  for_each_seed(1, with.seeds, [&](std::uint64_t seed) {
    sim_group group{{.nodes = with.nodes,
                     .seed = seed,
                     .safety = with.safety,
                     .priorities = {{"a", 150}},
                     .witness = with.witness,
                     .timing = drifting()}};
    if (with.safety == safety::lease)
      group.sim().check("one active", [&group] { return group.board().more_than_one(); });
    move_now_and_then(group);
    group.sim().unleash(with.how, 5s);
    if (!group.settles("", 20s)) group.sim().fail("healed, and yet nobody stays active");
    for (const auto& seen : group.board().overlaps()) both += seen.length;
    ++runs;
  });
  std::printf("%s: %llu runs, two active for %.3f s in sum\n", with.name,
              static_cast<unsigned long long>(runs), std::chrono::duration<double>(both).count());
  if (with.safety == safety::lease) {
    EXPECT_EQ(both, 0s);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Sweep, ActivePassiveSweep,
    ::testing::Values(
        sweep{"LeaseThreeRough", 400, safety::lease, {"a", "b", "c"}, "", intensity::rough},
        sweep{"LeaseThreeBrutal", 600, safety::lease, {"a", "b", "c"}, "", intensity::brutal},
        sweep{"LeaseWitnessBrutal", 400, safety::lease, {"a", "b", "w"}, "w", intensity::brutal},
        sweep{"LeaseFiveBrutal",
              200,
              safety::lease,
              {"a", "b", "c", "d", "e"},
              "",
              intensity::brutal},
        sweep{"HeartbeatTwoBrutal", 300, safety::heartbeat, {"a", "b"}, "", intensity::brutal},
        sweep{
            "HeartbeatThreeRough", 200, safety::heartbeat, {"a", "b", "c"}, "", intensity::rough}),
    [](const auto& with) { return with.param.name; });

}  // namespace
}  // namespace us::test
