// A router over three nodes when one of them dies, hangs, is cut off, slow, or stops in order.
#include "runtime/simulation/gtest.hpp"
#include "tests/router/routed_cluster.hpp"

#include <gtest/gtest.h>

namespace us::test {
namespace {

using namespace std::chrono_literals;

class RouterOverThreeNodes : public testing::Test {
 protected:
  routed_cluster cluster{test_seed()};
  simulation& sim = cluster.sim();
  timeline_on_failure shown{sim, 60};

  void expect_answers(bool charges_too) {
    cluster.finish();
    for (const auto& r : cluster.failed(charges_too))
      ADD_FAILURE() << "request " << r.number << ": " << r.text;
    EXPECT_GT(cluster.load().requests.size(), 500u);
  }
};

TEST_F(RouterOverThreeNodes, SpreadsTheLoad) {
  sim.run_for(2s);
  for (const auto& [node, count] : cluster.answered_by(100ms)) EXPECT_GT(count, 200) << node;
  EXPECT_EQ(cluster.answered_by(100ms).size(), 3u);
  expect_answers(true);
}

// {client} -> a, b, c; a is killed.
TEST_F(RouterOverThreeNodes, LosesNothingThatMayBeRetriedWhenANodeDies) {
  sim.run_for(1s);
  sim.node("a").kill();
  sim.run_for(2s);
  EXPECT_LE(cluster.failed(true).size(), 2u) << "what was under way at that moment";
  sim.node("a").start();
  sim.run_for(3s);
  EXPECT_GT(cluster.answered_by(sim.now() - 500ms)["a"], 20);
  expect_answers(false);
}

// a hangs as after SIGSTOP: its link stands and takes frames, and it never answers.
TEST_F(RouterOverThreeNodes, LosesNothingThatMayBeRetriedWhenANodeHangs) {
  sim.run_for(1s);
  sim.node("a").pause();
  sim.run_for(2s);
  EXPECT_EQ(cluster.answered_by(sim.now() - 1s)["a"], 0);
  EXPECT_LT(cluster.slowest(100ms), 500ms);
  sim.node("a").resume();
  sim.run_for(3s);
  EXPECT_GT(cluster.answered_by(sim.now() - 500ms)["a"], 20);
  expect_answers(false);
}

TEST_F(RouterOverThreeNodes, IsAnsweredByTheLastThatLives) {
  sim.run_for(1s);
  sim.node("a").pause();
  sim.node("b").kill();
  sim.run_for(2s);
  expect_answers(false);
}

// {client, c} | {a, b}
TEST_F(RouterOverThreeNodes, GoesOnWithThoseOnItsSideOfAPartition) {
  sim.run_for(1s);
  sim.network().split({"client", "c"}, {"a", "b"});
  sim.run_for(2s);
  sim.network().heal();
  sim.run_for(2s);
  expect_answers(false);
}

// The answers of a are lost, what is sent to it arrives.
TEST_F(RouterOverThreeNodes, NeverExecutesTwiceWhatANodeExecutedUnheard) {
  sim.run_for(1s);
  sim.network().cut("a", "client");
  sim.run_for(1s);
  sim.network().heal();
  sim.run_for(1s);
  expect_answers(false);
}

TEST_F(RouterOverThreeNodes, AsksAnotherWhenOneIsSlow) {
  sim.run_for(1s);
  sim.network().between("a", "client").delay_min = 150ms;
  sim.network().between("a", "client").delay_max = 160ms;
  const auto since = sim.now();
  sim.run_for(2s);
  EXPECT_LT(cluster.slowest(since), 150ms);
  expect_answers(true);
}

// All three are slower than the time after which another is asked, and yet in time.
TEST_F(RouterOverThreeNodes, TakesALateAnswer) {
  sim.network().delay(250ms, 300ms);
  sim.run_for(4s);
  expect_answers(true);
}

TEST_F(RouterOverThreeNodes, LosesNothingAtAllWhenANodeStopsInOrder) {
  sim.run_for(1s);
  ASSERT_TRUE(sim.node("a").stop(2s));
  sim.run_for(1s);
  sim.node("a").start();
  sim.run_for(2s);
  ASSERT_TRUE(sim.node("b").stop(2s));
  sim.run_for(1s);
  expect_answers(true);
}

TEST_F(RouterOverThreeNodes, WaitsForOneToComeBackWhenNobodyIsThere) {
  sim.run_for(1s);
  for (const auto& name : routed_cluster::backends()) ASSERT_TRUE(sim.node(name).stop(2s));
  sim.run_for(1s);
  for (const auto& name : routed_cluster::backends()) sim.node(name).start();
  sim.run_for(1s);
  expect_answers(false);
}

TEST_F(RouterOverThreeNodes, RejectsWhatNobodyTookAndNothingElse) {
  sim.run_for(1s);
  for (const auto& name : routed_cluster::backends()) sim.node(name).kill();
  sim.run_for(100ms);
  const auto first = cluster.load().requests.size();
  sim.run_for(1s);
  cluster.load().stopped = true;
  sim.run_for(7s);
  for (auto i = first; i < cluster.load().requests.size(); ++i)
    EXPECT_EQ(cluster.load().requests[i].kind, outcome_kind::rejected) << i;
  cluster.finish();
}

// The client itself is not scheduled for a while: it blames nobody for that.
TEST_F(RouterOverThreeNodes, BlamesNobodyForItsOwnPause) {
  sim.run_for(1s);
  sim.node("client").pause();
  sim.run_for(2s);
  sim.node("client").resume();
  sim.run_for(200ms);
  EXPECT_EQ(cluster.client()->usable(), 3u);
  expect_answers(false);
}

TEST(RouterStrategies, AllAnswerAndSpread) {
  for (auto strategy : {balancing::round_robin, balancing::least_in_flight, balancing::two_choices,
                        balancing::consistent_hash}) {
    routed_cluster cluster{test_seed(), {.service = "echo", .balancing = {.strategy = strategy}}};
    cluster.sim().run_for(2s);
    cluster.finish();
    EXPECT_TRUE(cluster.failed(true).empty()) << to_string(strategy);
    for (const auto& name : routed_cluster::backends())
      EXPECT_GT(cluster.answered_by(100ms)[name], 100) << to_string(strategy) << " " << name;
  }
}

TEST(RouterStrategies, ConsistentHashingKeepsAKeyAtItsNode) {
  routed_cluster cluster{test_seed(),
                         {.service = "echo",
                          .balancing = {.strategy = balancing::consistent_hash, .load_factor = 0},
                          .hedging = {.on = false}}};
  cluster.sim().run_for(2s);
  cluster.finish();
  std::map<std::uint64_t, std::string> owners;
  for (const auto& r : cluster.load().requests) {
    if (r.submitted < 100ms) continue;
    auto [owner, added] = owners.emplace(r.number % 64, r.node);
    EXPECT_EQ(owner->second, r.node) << "key " << r.number % 64;
  }
}

}  // namespace
}  // namespace us::test
