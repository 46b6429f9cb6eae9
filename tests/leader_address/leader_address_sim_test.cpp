// The address of a service is where its leader is, and never at two nodes. UNDERSTUDY_SEED is the
// first seed of the sweeps, UNDERSTUDY_SEEDS how many of each.
#include "actors/client/service_client.hpp"
#include "runtime/simulation/gtest.hpp"
#include "tests/leader_address/addressed_cluster.hpp"

#include <caf/send.hpp>
#include <gtest/gtest.h>

#include <cstdio>
#include <utility>

namespace us::test {
namespace {

using namespace std::chrono_literals;

std::string other_than(const std::string& node) {
  return node == "a" ? "b" : "a";
}

class LeaderAddress : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Safety, LeaderAddress, ::testing::Bool(),
                         [](const auto& with) { return with.param ? "Lease" : "Heartbeat"; });

TEST_P(LeaderAddress, IsHeldByTheLeaderAlone) {
  addressed_cluster cluster{{.seed = test_seed()}, GetParam()};
  ASSERT_TRUE(cluster.settles());
  EXPECT_EQ(cluster.said("counter-address: " + cluster.leader() + " is active"), 1u);
  EXPECT_GE(cluster.said("it leads counter, epoch"), 1u);
}

TEST_P(LeaderAddress, MovesWithAPlannedHandOverAtOnce) {
  for_each_seed(1, 30, [](std::uint64_t seed) {
    addressed_cluster cluster{{.seed = seed}, GetParam()};
    ASSERT_TRUE(cluster.settles());
    const auto former = cluster.leader();
    const auto next = other_than(former);
    const auto asked = cluster.nodes().now();
    ASSERT_TRUE(cluster.nodes().elect(next));
    ASSERT_TRUE(cluster.held_by(next, 1s));
    ASSERT_TRUE(cluster.settles());
    EXPECT_EQ(cluster.holder(), next);
    // Far below a heartbeat of the group (100 ms), let alone the silence that it waits for.
    EXPECT_LT(cluster.board().longest_gap(asked, cluster.nodes().now()), 60ms);
    EXPECT_EQ(cluster.said(former + " is no longer active"), 1u);
  });
}

TEST_P(LeaderAddress, FollowsTheNextLeaderAfterACrash) {
  addressed_cluster cluster{{.seed = test_seed()}, GetParam()};
  ASSERT_TRUE(cluster.settles());
  const auto former = cluster.leader();
  cluster.nodes().node(former).crash();
  ASSERT_TRUE(cluster.nodes().advance_until(
      [&] { return !cluster.leader().empty() && cluster.leader() != former; }, 5s));
  ASSERT_TRUE(cluster.settles());
  EXPECT_NE(cluster.holder(), former);
  cluster.nodes().node(former).start();
  ASSERT_TRUE(cluster.settles());
  EXPECT_NE(cluster.holder(), former) << "it does not take it back";
}

// {leader} | {two others}
TEST_P(LeaderAddress, IsLetGoOfByALeaderThatIsCutOff) {
  addressed_cluster cluster{{.seed = test_seed()}, GetParam()};
  ASSERT_TRUE(cluster.settles());
  const auto former = cluster.leader();
  cluster.nodes().network().isolate({former});
  ASSERT_TRUE(cluster.nodes().advance_until(
      [&] {
        const auto now = cluster.holder();
        return !now.empty() && now != former;
      },
      10s));
  cluster.nodes().advance(2s);
  EXPECT_NE(cluster.holder(), former);
  cluster.nodes().network().heal();
  ASSERT_TRUE(cluster.settles());
  EXPECT_EQ(cluster.holder(), cluster.leader());
}

TEST_P(LeaderAddress, IsNowhereWhileNobodyLeads) {
  addressed_cluster cluster{{.seed = test_seed()}, GetParam()};
  ASSERT_TRUE(cluster.settles());
  const auto last = cluster.leader();
  for (const auto& name : cluster.nodes().nodes())
    if (name != last) cluster.nodes().node(name).crash();
  ASSERT_TRUE(
      cluster.nodes().advance_until([&] { return cluster.board().holders().empty(); }, 10s));
  cluster.nodes().advance(3s);
  EXPECT_TRUE(cluster.board().holders().empty());
}

// The replica ends and is started anew; its node lives on.
TEST_P(LeaderAddress, IsLetGoOfWhenTheLeadersReplicaCrashes) {
  addressed_cluster cluster{{.seed = test_seed()}, GetParam()};
  ASSERT_TRUE(cluster.settles());
  const auto former = cluster.leader();
  auto& node = cluster.nodes().node(former);
  node.call([&] {
    caf::anon_send_exit(node.context()->directory->find(seat_key("counter")),
                        caf::exit_reason::kill);
  });
  ASSERT_TRUE(cluster.nodes().advance_until(
      [&] {
        return cluster.said(former + " is no longer active: the replica of counter does not run") >
               0;
      },
      1s));
  ASSERT_TRUE(cluster.settles());
}

struct sweep {
  const char* name;
  std::uint64_t seeds;
  std::size_t nodes;
  bool lease;
  intensity how;
};

class LeaderAddressSweep : public ::testing::TestWithParam<sweep> {};

TEST_P(LeaderAddressSweep, IsNeverAtTwoAndAtTheLeaderOnceHealed) {
  const auto& with = GetParam();
  std::size_t runs = 0;
  std::size_t moves = 0;  // the first hold of a run counts too
  for_each_seed(1, with.seeds, [&](std::uint64_t seed) {
    addressed_cluster cluster{{.nodes = with.nodes, .seed = seed, .faults = with.how, .length = 6s},
                              with.lease};
    std::string last;
    cluster.nodes().every(5ms, [&] {
      const auto now = cluster.holder();
      if (!now.empty() && now != std::exchange(last, now)) ++moves;
      return true;
    });
    cluster.nodes().safety_phase();
    cluster.nodes().liveness_phase();
    if (!cluster.settles(20s))
      cluster.nodes().world().fail("healed, and yet the address is not at the leader");
    ++runs;
  });
  std::printf("%s: %zu runs, the address moved %zu times\n", with.name, runs, moves - runs);
  EXPECT_GT(moves, runs + runs / 4) << "too little happened to test anything";
}

INSTANTIATE_TEST_SUITE_P(
    Sweep, LeaderAddressSweep,
    ::testing::Values(sweep{"LeaseThreeRough", 120, 3, true, intensity::rough},
                      sweep{"LeaseThreeBrutal", 200, 3, true, intensity::brutal},
                      sweep{"LeaseFiveBrutal", 40, 5, true, intensity::brutal},
                      sweep{"HeartbeatThreeBrutal", 40, 3, false, intensity::brutal}),
    [](const auto& with) { return with.param.name; });

}  // namespace
}  // namespace us::test
