// Leader-follower replication in simulation: scenarios that read as sentences, then sweeps over seeds.
#include "tests/leader_follower/sim_cluster.hpp"

#include "runtime/simulation/gtest.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace us::test {
namespace {

using namespace std::chrono_literals;

std::size_t sweep_size(std::size_t normal) {
  const char* wanted = std::getenv("UNDERSTUDY_SEEDS");
  return wanted == nullptr ? normal : static_cast<std::size_t>(std::atol(wanted));
}

// {a, b, c}, no fault. Raft 5.2.
TEST(LeaderFollower, ElectsOneLeaderAndAnswers) {
  sim_cluster cluster{{"a", "b", "c"}, test_seed()};
  ASSERT_TRUE(cluster.wait_for_leader(2s));
  cluster.start_clients();
  cluster.sim().run_for(3s);
  EXPECT_GT(cluster.work().history.count(outcome_kind::done), 100u);
  EXPECT_EQ(cluster.work().history.count(outcome_kind::unknown), 0u);
  EXPECT_EQ(cluster.work().history.count(outcome_kind::rejected), 0u);
  cluster.finish();
  EXPECT_EQ(cluster.leader_epoch(), 1u) << "nothing failed, so nobody else stood";
}

// {a}: a majority of one.
TEST(LeaderFollower, RunsAloneToo) {
  sim_cluster cluster{{"a"}, test_seed()};
  ASSERT_TRUE(cluster.wait_for_leader(2s));
  cluster.start_clients();
  cluster.sim().run_for(1s);
  EXPECT_GT(cluster.work().history.count(outcome_kind::done), 10u);
  cluster.finish();
}

// {a, b, c}, the leader loses power. Raft 5.2, 5.4.
TEST(LeaderFollower, ReplacesACrashedLeaderWithinTheElectionTimeout) {
  sim_cluster cluster{{"a", "b", "c"}, test_seed()};
  ASSERT_TRUE(cluster.wait_for_leader(2s));
  cluster.start_clients();
  cluster.sim().run_for(1s);
  const auto old = cluster.leader();
  cluster.sim().node(old).crash();
  ASSERT_TRUE(cluster.wait_for_leader(1s));
  EXPECT_NE(cluster.leader(), old);
  cluster.sim().node(old).restart();
  cluster.start_clients();
  cluster.sim().run_for(2s);
  cluster.finish();
}

// {leader} | {the others}: the isolated leader answers nothing that it cannot confirm. Raft 6.4.
TEST(LeaderFollower, AnIsolatedLeaderAnswersNoReads) {
  sim_cluster cluster{{"a", "b", "c"}, test_seed()};
  ASSERT_TRUE(cluster.wait_for_leader(2s));
  cluster.start_clients();
  cluster.sim().run_for(500ms);
  cluster.sim().network().isolate({cluster.leader()});
  ASSERT_TRUE(cluster.wait_for_leader(2s));
  cluster.sim().run_for(3s);
  cluster.sim().network().heal();
  cluster.sim().run_for(2s);
  cluster.finish();  // linearizable: no stale read
}

// {a, b, c}, the leader is stopped and wakes up after another was elected (gray failure).
TEST(LeaderFollower, APausedLeaderWakesUpAsAFollower) {
  sim_cluster cluster{{"a", "b", "c"}, test_seed()};
  ASSERT_TRUE(cluster.wait_for_leader(2s));
  cluster.start_clients();
  cluster.sim().run_for(500ms);
  const auto old = cluster.leader();
  cluster.sim().node(old).pause();
  ASSERT_TRUE(cluster.wait_for_leader(2s));
  EXPECT_NE(cluster.leader(), old);
  cluster.sim().run_for(1s);
  cluster.sim().node(old).resume();
  cluster.sim().run_for(2s);
  cluster.finish();
}

// {a, b, c}, a follower is away while much is written, then catches up from the log.
TEST(LeaderFollower, AFollowerCatchesUpAfterAnAbsence) {
  sim_cluster cluster{{"a", "b", "c"}, test_seed()};
  ASSERT_TRUE(cluster.wait_for_leader(2s));
  cluster.start_clients();
  const std::string away = cluster.leader() == "a" ? "b" : "a";
  cluster.sim().node(away).crash();
  cluster.sim().run_for(10s);
  cluster.sim().node(away).restart();
  cluster.start_clients();
  cluster.sim().run_for(2s);
  cluster.finish();
}

// Orderly stop of the leader: leadership is handed over first. Thesis 3.10.
TEST(LeaderFollower, AStoppingLeaderHandsOverFirst) {
  sim_cluster cluster{{"a", "b", "c"}, test_seed()};
  ASSERT_TRUE(cluster.wait_for_leader(2s));
  cluster.start_clients();
  cluster.sim().run_for(500ms);
  const auto old = cluster.leader();
  ASSERT_TRUE(cluster.sim().node(old).stop());
  cluster.sim().run_for(300ms);
  (void)cluster.wait_for_leader(10ms);
  EXPECT_NE(cluster.leader(), old);
  EXPECT_EQ(cluster.leader_epoch(), 2u);
  cluster.sim().node(old).start();
  cluster.start_clients();
  cluster.sim().run_for(2s);
  cluster.finish();
}

// No majority: writes are refused or unknown, never acknowledged, and go on after healing.
TEST(LeaderFollower, WithoutAMajorityNothingIsAcknowledged) {
  sim_cluster cluster{{"a", "b", "c"}, test_seed()};
  ASSERT_TRUE(cluster.wait_for_leader(2s));
  cluster.start_clients();
  cluster.sim().run_for(500ms);
  cluster.sim().network().split({"a"}, {"b"});
  cluster.sim().network().split({"b"}, {"c"});
  cluster.sim().network().split({"a"}, {"c"});
  cluster.sim().run_for(1s);
  const auto before = cluster.work().history.count(outcome_kind::done);
  cluster.sim().run_for(8s);
  EXPECT_EQ(cluster.work().history.count(outcome_kind::done), before);
  cluster.sim().network().heal();
  cluster.sim().run_for(3s);
  EXPECT_GT(cluster.work().history.count(outcome_kind::done), before);
  cluster.finish();
}

struct sweep {
  const char* name;
  std::vector<std::string> nodes;
  intensity how;
  std::size_t seeds;
};

class Sweep : public ::testing::TestWithParam<sweep> {};

TEST_P(Sweep, StaysSafeUnderFaultsAndLivesOnceHealed) {
  const auto& [name, nodes, how, normal] = GetParam();
  const auto first = test_seed();
  for (std::uint64_t seed = first; seed < first + sweep_size(normal); ++seed) {
    sim_cluster cluster{nodes, seed};
    cluster.start_clients();
    cluster.run(how, 10s);
    cluster.finish();
  }
}

INSTANTIATE_TEST_SUITE_P(
    LeaderFollower, Sweep,
    ::testing::Values(sweep{"ThreeCalm", {"a", "b", "c"}, intensity::calm, 20},
                      sweep{"ThreeRough", {"a", "b", "c"}, intensity::rough, 30},
                      sweep{"FiveBrutal", {"a", "b", "c", "d", "e"}, intensity::brutal, 20}),
    [](const auto& with) { return with.param.name; });

}  // namespace
}  // namespace us::test
