// Leader-follower replication in simulation: scenarios that read as sentences.
#include "runtime/simulation/gtest.hpp"
#include "tests/leader_follower/sim_cluster.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace us::test {
namespace {

using namespace std::chrono_literals;

// {a, b, c}, no fault. Raft 5.2.
TEST(LeaderFollower, ElectsOneLeaderAndAnswers) {
  sim_cluster cluster{{.seed = test_seed()}};
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
  sim_cluster cluster{{.nodes = 1, .seed = test_seed()}};
  ASSERT_TRUE(cluster.wait_for_leader(2s));
  cluster.start_clients();
  cluster.sim().run_for(1s);
  EXPECT_GT(cluster.work().history.count(outcome_kind::done), 10u);
  cluster.finish();
}

// {a, b, c}, the leader loses power. Raft 5.2, 5.4.
TEST(LeaderFollower, ReplacesACrashedLeaderWithinTheElectionTimeout) {
  sim_cluster cluster{{.seed = test_seed()}};
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

// Asked to, the leader hands over to the node that was named, and nobody waits for an election
// timeout. Thesis 3.10.
TEST(LeaderFollower, HandsOverToTheNodeThatIsWanted) {
  sim_cluster cluster{{.nodes = 5, .seed = test_seed()}};
  ASSERT_TRUE(cluster.wait_for_leader(2s));
  cluster.start_clients();
  cluster.sim().run_for(500ms);
  for (const auto* wanted : {"d", "b", "d", "a"}) {
    const auto before = cluster.leader_epoch();
    if (cluster.leader() == wanted) continue;
    cluster.cluster().ask_to_lead(wanted);
    ASSERT_TRUE(cluster.cluster().advance_until([&] { return cluster.leader() == wanted; }, 40ms));
    EXPECT_EQ(cluster.leader_epoch(), before + 1) << "one election, at once";
    cluster.sim().run_for(300ms);
  }
  EXPECT_EQ(cluster.work().history.count(outcome_kind::unknown), 0u);
  EXPECT_EQ(cluster.work().history.count(outcome_kind::rejected), 0u);
  cluster.finish();
}

// The node that is wanted is cut off at that moment: the leader goes on after an election timeout.
TEST(LeaderFollower, GoesOnWhenTheWantedNodeDoesNotTakeOver) {
  sim_cluster cluster{{.seed = test_seed()}};
  ASSERT_TRUE(cluster.wait_for_leader(2s));
  cluster.start_clients();
  cluster.sim().run_for(500ms);
  const auto leads = cluster.leader();
  const auto before = cluster.leader_epoch();
  const auto wanted = leads == "a" ? "b" : "a";
  cluster.sim().network().isolate({wanted});
  cluster.cluster().ask_to_lead(wanted);
  ASSERT_TRUE(cluster.sim().run_until(
      [&] { return cluster.sim().probes().of(rare::hand_over_given_up) > 0; }, 500ms));
  EXPECT_EQ(cluster.leader(), leads);
  const auto done = cluster.work().history.count(outcome_kind::done);
  cluster.sim().run_for(500ms);
  EXPECT_GT(cluster.work().history.count(outcome_kind::done), done);
  EXPECT_EQ(cluster.leader_epoch(), before);
  cluster.cluster().ask_to_lead(wanted);  // it is not heard: refused at once
  EXPECT_EQ(cluster.leader(), leads);
  cluster.sim().network().heal();
  cluster.sim().run_for(1s);
  cluster.finish();
}

// {leader} | {the others}: the isolated leader answers nothing that it cannot confirm. Raft 6.4.
TEST(LeaderFollower, AnIsolatedLeaderAnswersNoReads) {
  sim_cluster cluster{{.seed = test_seed()}};
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

// {leader} | {the others}: it steps down by itself, so that its clients look elsewhere. Raft 6.2.
TEST(LeaderFollower, ALeaderThatHearsNoMajorityStepsDown) {
  sim_cluster cluster{{.seed = test_seed()}};
  ASSERT_TRUE(cluster.wait_for_leader(2s));
  const auto old = cluster.leader();
  cluster.sim().network().isolate({old});
  const bool stepped_down = cluster.sim().run_until(
      [&] {
        const auto& replicas = cluster.sim().node(old).replicas();
        return std::none_of(replicas.begin(), replicas.end(), [](const inspected* replica) {
          return replica->view().role == "leader";
        });
      },
      5s);
  EXPECT_TRUE(stepped_down);
}

// {a, b, c}, the leader is stopped and wakes up after another was elected (gray failure).
TEST(LeaderFollower, APausedLeaderWakesUpAsAFollower) {
  sim_cluster cluster{{.seed = test_seed()}};
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
  sim_cluster cluster{{.seed = test_seed()}};
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
  sim_cluster cluster{{.seed = test_seed()}};
  ASSERT_TRUE(cluster.wait_for_leader(2s));
  cluster.start_clients();
  cluster.sim().run_for(500ms);
  const auto old = cluster.leader();
  ASSERT_TRUE(cluster.sim().node(old).stop());
  cluster.sim().run_for(300ms);
  (void)cluster.wait_for_leader(10ms);
  EXPECT_NE(cluster.leader(), old);
  EXPECT_EQ(cluster.leader_epoch(), 2u) << "one follower is asked, and votes are not split";
  cluster.sim().node(old).start();
  cluster.start_clients();
  cluster.sim().run_for(2s);
  cluster.finish();
}

// No majority: writes are refused or unknown, never acknowledged, and go on after healing.
TEST(LeaderFollower, WithoutAMajorityNothingIsAcknowledged) {
  sim_cluster cluster{{.seed = test_seed()}};
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

}  // namespace
}  // namespace us::test
