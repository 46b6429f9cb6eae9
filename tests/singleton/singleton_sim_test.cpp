// Where the instance of a singleton lives, and what it is told, in virtual time.
#include "actors/active_passive/roles.hpp"
#include "actors/client/service_client.hpp"
#include "tests/singleton/ticket_cluster.hpp"

#include <caf/send.hpp>
#include <gtest/gtest.h>

namespace us::test {
namespace {

using namespace std::chrono_literals;

TEST(Singleton, OneLivesOnceTheClusterHasStartedAndIsToldThatItIsTheFirst) {
  for_each_seed(1, 30, [](std::uint64_t seed) {
    ticket_cluster cluster{{.seed = seed}};
    timeline_on_failure shown{cluster.sim()};
    ASSERT_TRUE(cluster.settles());
    EXPECT_EQ(cluster.log().lives.size(), 1u);
    EXPECT_EQ(cluster.present().why, start_reason::first);
    EXPECT_EQ(cluster.present().from, "");
    EXPECT_GT(cluster.present().epoch, us::epoch{0});
  });
}

// {a, b, c}: the process of the node where it lives dies.
TEST(Singleton, WhenItsNodeIsKilledAnotherStartsForFailover) {
  for_each_seed(1, 30, [](std::uint64_t seed) {
    ticket_cluster cluster{{.seed = seed}};
    timeline_on_failure shown{cluster.sim()};
    ASSERT_TRUE(cluster.settles());
    const auto first = cluster.present();
    const auto killed = cluster.sim().now();
    cluster.sim().node(first.node).kill();
    ASSERT_TRUE(cluster.settles());
    const auto& second = cluster.log().lives.at(1);
    EXPECT_NE(second.node, first.node);
    EXPECT_EQ(second.why, start_reason::failover);
    EXPECT_EQ(second.from, first.node);
    EXPECT_GT(second.epoch, first.epoch);
    EXPECT_LT(second.began - killed, 3s);
    EXPECT_EQ(cluster.log().lives.size(), 2u);
  });
}

TEST(Singleton, ANodeThatReturnsDoesNotTakeItBack) {
  ticket_cluster cluster{{.seed = test_seed()}};
  ASSERT_TRUE(cluster.settles());
  const auto first = cluster.lives_on();
  cluster.sim().node(first).kill();
  ASSERT_TRUE(cluster.settles());
  const auto second = cluster.lives_on();
  cluster.sim().node(first).start();
  cluster.sim().run_for(10s);
  EXPECT_EQ(cluster.lives_on(), second);
}

TEST(Singleton, AHandOverEndsTheOldOneFirstAndTellsTheNewOneThatItTakesOver) {
  for (const bool lease : {true, false}) {
    for_each_seed(1, 20, [lease](std::uint64_t seed) {
      ticket_cluster cluster{{.seed = seed, .lease = lease}};
      timeline_on_failure shown{cluster.sim()};
      ASSERT_TRUE(cluster.settles());
      const auto first = cluster.present();
      cluster.sim().check("one lives", [&] { return cluster.more_than_one(); });
      const auto asked = cluster.sim().now();
      cluster.hand_over();
      ASSERT_TRUE(cluster.settles());
      const auto& second = cluster.log().lives.at(1);
      EXPECT_NE(second.node, first.node);
      EXPECT_EQ(second.why, start_reason::takeover);
      EXPECT_EQ(second.from, first.node);
      EXPECT_GT(second.epoch, first.epoch);
      EXPECT_LT(second.began - asked, 100ms);
    });
  }
}

TEST(Singleton, AStoppingNodeHandsOver) {
  ticket_cluster cluster{{.seed = test_seed()}};
  timeline_on_failure shown{cluster.sim()};
  ASSERT_TRUE(cluster.settles());
  const auto first = cluster.lives_on();
  ASSERT_TRUE(cluster.sim().node(first).stop());
  ASSERT_TRUE(cluster.settles());
  EXPECT_EQ(cluster.present().why, start_reason::takeover);
  EXPECT_EQ(cluster.present().from, first);
}

TEST(Singleton, AnInstanceThatHasBegunSomethingMayFinishItBeforeItIsHandedOver) {
  ticket_cluster cluster{{.seed = test_seed()}};
  timeline_on_failure shown{cluster.sim()};
  cluster.log().drains = true;
  ASSERT_TRUE(cluster.settles());
  cluster.sim().check("one lives", [&] { return cluster.more_than_one(); });
  const auto first = cluster.lives_on();
  auto slow = cluster.take_later("a", 2500ms);  // more than two leases
  cluster.sim().run_for(100ms);
  cluster.hand_over();
  cluster.sim().run_for(1s);
  EXPECT_EQ(cluster.lives_on(), first);
  auto meanwhile = cluster.take("b");
  ASSERT_TRUE(cluster.sim().run_until(
      [&] { return !cluster.lives_on().empty() && cluster.lives_on() != first; }, 5s));
  EXPECT_EQ(cluster.present().why, start_reason::takeover);
  cluster.sim().run_for(1s);
  ASSERT_TRUE(slow.done()) << slow.text();
  EXPECT_EQ(slow.reply().getNode(), first.c_str());
  ASSERT_TRUE(meanwhile.done()) << meanwhile.text();
  EXPECT_EQ(meanwhile.reply().getNode(), cluster.lives_on().c_str());
}

TEST(Singleton, ACrashRestartsItOnItsNodeInTheSameEpoch) {
  ticket_cluster cluster{{.seed = test_seed()}};
  timeline_on_failure shown{cluster.sim()};
  ASSERT_TRUE(cluster.settles());
  const auto first = cluster.present();
  auto crash = cluster.client_at("b").call<Crash, Ticket>([](auto) {});
  ASSERT_TRUE(cluster.settles());
  EXPECT_EQ(cluster.present().node, first.node);
  EXPECT_EQ(cluster.present().epoch, first.epoch);
  EXPECT_EQ(cluster.present().why, start_reason::restart);
  EXPECT_EQ(cluster.log().lives.size(), 2u);
  EXPECT_EQ(crash.outcome(), outcome_kind::unknown) << crash.text();
  auto next = cluster.take("b");
  cluster.sim().run_for(1s);
  EXPECT_TRUE(next.done()) << next.text();
}

TEST(Singleton, ANodeWhereItKeepsCrashingGivesItUpAndStandsByAgainLater) {
  ticket_cluster cluster{{.seed = test_seed(), .restarts = {.restarts_max = 3}, .cool_down = 20s}};
  timeline_on_failure shown{cluster.sim()};
  ASSERT_TRUE(cluster.settles());
  const auto first = cluster.present();
  cluster.log().failing_starts = 3;
  (void)cluster.client_at("b").call<Crash, Ticket>([](auto) {});
  ASSERT_TRUE(cluster.settles("", 30s));
  EXPECT_NE(cluster.present().node, first.node);
  EXPECT_EQ(cluster.present().why, start_reason::failover) << "it had failed";
  EXPECT_EQ(cluster.present().from, first.node);
  // When the two others are gone it is needed again: not before its time, then again.
  const auto second = cluster.lives_on();
  cluster.hand_over();
  ASSERT_TRUE(cluster.settles());
  EXPECT_NE(cluster.lives_on(), first.node);
  EXPECT_NE(cluster.lives_on(), second);
  cluster.sim().run_for(20s);
  cluster.sim().node(second).kill();
  cluster.hand_over();
  EXPECT_TRUE(cluster.settles(first.node));
}

// {a} | {b, c}, it lives on the minority side: it is killed by its own clock before another starts.
TEST(Singleton, OnTheMinoritySideOfAPartitionItEndsBeforeAnotherBegins) {
  for_each_seed(1, 20, [](std::uint64_t seed) {
    ticket_cluster cluster{{.seed = seed}};
    timeline_on_failure shown{cluster.sim()};
    ASSERT_TRUE(cluster.settles());
    cluster.sim().check("one lives", [&] { return cluster.more_than_one(); });
    const auto first = cluster.lives_on();
    std::vector<std::string> others;
    for (const auto& node : cluster.sim().nodes())
      if (node != first) others.push_back(node);
    cluster.sim().network().split({first}, {others[0], others[1]});
    cluster.sim().run_for(5s);
    EXPECT_NE(cluster.lives_on(), first);
    EXPECT_EQ(cluster.present().why, start_reason::failover);
    EXPECT_EQ(cluster.present().from, first);
    EXPECT_TRUE(cluster.log().lives.front().ended);
    cluster.sim().network().heal();
    ASSERT_TRUE(cluster.settles());
    EXPECT_EQ(cluster.log().lives.size(), 2u);
  });
}

// Its node is not scheduled for ten seconds: a process that was stopped and goes on.
TEST(Singleton, OneThatWasPausedDoesNothingAfterItsTime) {
  ticket_cluster cluster{{.seed = test_seed()}};
  timeline_on_failure shown{cluster.sim()};
  ASSERT_TRUE(cluster.settles());
  const auto first = cluster.lives_on();
  cluster.sim().check("one lives", [&] { return cluster.more_than_one(); });
  auto later = cluster.take_later(first == "a" ? "b" : "a", 300ms);
  cluster.sim().run_for(100ms);
  cluster.sim().node(first).pause();
  ASSERT_TRUE(cluster.settles());
  cluster.sim().node(first).resume();
  cluster.sim().run_for(2s);
  EXPECT_TRUE(cluster.log().lives.front().ended);
  EXPECT_EQ(later.outcome(), outcome_kind::unknown);
  EXPECT_TRUE(cluster.log().executions.empty());
}

TEST(Singleton, WithoutAMajorityNoneLives) {
  ticket_cluster cluster{{.seed = test_seed()}};
  ASSERT_TRUE(cluster.settles());
  cluster.sim().network().split({"a"}, {"b", "c"});
  cluster.sim().network().split({"b"}, {"a", "c"});
  cluster.sim().run_for(3s);
  EXPECT_TRUE(cluster.living().empty());
  cluster.sim().network().heal();
  EXPECT_TRUE(cluster.settles());
}

TEST(Singleton, WithHeartbeatsTwoNodesSuffice) {
  ticket_cluster cluster{{.nodes = {"a", "b"}, .seed = test_seed(), .lease = false}};
  timeline_on_failure shown{cluster.sim()};
  ASSERT_TRUE(cluster.settles());
  const auto first = cluster.lives_on();
  cluster.sim().node(first).crash();
  ASSERT_TRUE(cluster.settles());
  EXPECT_EQ(cluster.present().why, start_reason::failover);
  EXPECT_EQ(cluster.present().from, first);
}

}  // namespace
}  // namespace us::test
