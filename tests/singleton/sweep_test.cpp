// Sweeps over seeds, with requests running all the time. UNDERSTUDY_SEED is the first seed,
// UNDERSTUDY_SEEDS how many of each sweep.
// Lease: never two instances, as long as no clock drifts beyond the bound. Both: every request ends
// in one outcome that is true, and once healed one instance lives and answers.
#include "tests/singleton/ticket_cluster.hpp"

#include <gtest/gtest.h>

#include <cstdio>

namespace us::test {
namespace {

using namespace std::chrono_literals;

struct sweep {
  const char* name;
  std::uint64_t seeds;
  bool lease;
  std::vector<std::string> nodes;
  intensity how;
};

/// An operator who, amid all that, wants it elsewhere.
void move_now_and_then(ticket_cluster& cluster) {
  for (auto when = 700ms; when < 6s; when += 900ms)
    cluster.sim().after(when, [&cluster] {
      const auto at = cluster.lives_on();
      if (at.empty()) return;
      const auto& node = cluster.sim().node(at);
      if (node.running() && !node.paused()) cluster.hand_over();
    });
}

class SingletonSweep : public ::testing::TestWithParam<sweep> {};

TEST_P(SingletonSweep, StaysOneUnderFaultsAndEveryOutcomeIsTrue) {
  const auto& with = GetParam();
  std::size_t requests = 0;
  std::size_t done = 0;
  std::size_t unknown = 0;
  std::size_t lives = 0;
  for_each_seed(1, with.seeds, [&](std::uint64_t seed) {
    // The plans let clocks drift by up to 5 %.
    ticket_cluster cluster{
        {.nodes = with.nodes, .seed = seed, .lease = with.lease, .drift_ppm = 55'000}};
    cluster.log().drains = seed % 2 == 0;
    // A node with an empty disk knows no epoch: with it an older one may come again, and two at
    // once may not.
    const bool disks_are_lost = seed % 4 < 2;
    if (disks_are_lost)
      cluster.log().one_epoch_at_a_time = false;
    else
      cluster.sim().guard_disks([](const std::string&) { return false; });
    if (with.lease) cluster.sim().check("one lives", [&] { return cluster.more_than_one(); });
    ASSERT_TRUE(cluster.sim().run_until([&] { return !cluster.lives_on().empty(); }, 10s));
    cluster.load(25ms);
    move_now_and_then(cluster);
    cluster.sim().unleash(with.how, 6s);
    cluster.stop_load();
    if (!cluster.settles("", 20s)) cluster.sim().fail("healed, and yet none lives and stays");
    auto last = cluster.take(with.nodes.front());
    cluster.sim().run_for(7s);
    if (!last.done()) cluster.sim().fail("healed, and yet it does not answer: " + last.text());
    if (const auto wrong = cluster.check_outcomes(); !wrong.empty()) cluster.sim().fail(wrong);
    requests += cluster.requests().size();
    done += cluster.count(outcome_kind::done);
    unknown += cluster.count(outcome_kind::unknown);
    lives += cluster.log().lives.size();
  });
  std::printf("%s: %zu requests: %zu done, %zu unknown, %zu rejected; %zu instances\n", with.name,
              requests, done, unknown, requests - done - unknown, lives);
  EXPECT_GT(done, requests / 4);
}

INSTANTIATE_TEST_SUITE_P(
    Sweep, SingletonSweep,
    ::testing::Values(
        sweep{"LeaseThreeRough", 120, true, {"a", "b", "c"}, intensity::rough},
        sweep{"LeaseThreeBrutal", 200, true, {"a", "b", "c"}, intensity::brutal},
        sweep{"LeaseFiveBrutal", 60, true, {"a", "b", "c", "d", "e"}, intensity::brutal},
        sweep{"HeartbeatTwoBrutal", 60, false, {"a", "b"}, intensity::brutal}),
    [](const auto& with) { return with.param.name; });

}  // namespace
}  // namespace us::test
