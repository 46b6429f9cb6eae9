// What becomes of requests to a singleton while it moves, in virtual time.
#include "tests/singleton/ticket_cluster.hpp"

#include <gtest/gtest.h>

namespace us::test {
namespace {

using namespace std::chrono_literals;

std::string another_than(const ticket_cluster& cluster, const std::string& node) {
  auto& sim = const_cast<ticket_cluster&>(cluster).sim();
  for (const auto& each : sim.nodes())
    if (each != node) return each;
  return {};
}

TEST(SingletonRequests, ReachTheInstanceFromEveryNode) {
  ticket_cluster cluster{{.seed = test_seed()}};
  timeline_on_failure shown{cluster.sim()};
  ASSERT_TRUE(cluster.settles());
  for (const auto& node : cluster.sim().nodes()) {
    auto ticket = cluster.take(node);
    cluster.sim().run_for(100ms);
    ASSERT_TRUE(ticket.done()) << ticket.text();
    EXPECT_EQ(ticket.reply().getNode(), cluster.lives_on().c_str());
  }
  EXPECT_EQ(cluster.log().executions.size(), 3u);
  EXPECT_EQ(cluster.check_outcomes(), "");
}

TEST(SingletonRequests, ARefusalIsTheInstancesOwn) {
  ticket_cluster cluster{{.seed = test_seed()}};
  ASSERT_TRUE(cluster.settles());
  auto refused = cluster.client_at("a").call<Refuse, Ticket>([](auto) {});
  auto strange = cluster.client_at("a").call<Ticket, Ticket>([](auto) {});
  cluster.sim().run_for(100ms);
  EXPECT_EQ(refused.outcome(), outcome_kind::rejected);
  EXPECT_EQ(refused.text(), "refused on purpose");
  EXPECT_EQ(strange.outcome(), outcome_kind::rejected);
}

TEST(SingletonRequests, ThatComeBeforeItLivesWaitForIt) {
  ticket_cluster cluster{{.seed = test_seed()}};
  timeline_on_failure shown{cluster.sim()};
  auto early = cluster.take("b");
  ASSERT_TRUE(cluster.settles());
  EXPECT_TRUE(early.done()) << early.text();
}

TEST(SingletonRequests, NoneIsLostOrUnknownInAHandOver) {
  for_each_seed(1, 20, [](std::uint64_t seed) {
    ticket_cluster cluster{{.seed = seed}};
    timeline_on_failure shown{cluster.sim()};
    cluster.log().drains = true;
    ASSERT_TRUE(cluster.settles());
    cluster.load(5ms);
    for (int i = 0; i < 5; ++i) {
      cluster.sim().run_for(200ms);
      if (!cluster.lives_on().empty()) cluster.hand_over();
    }
    cluster.stop_load();
    cluster.sim().run_for(7s);
    EXPECT_GT(cluster.log().lives.size(), 3u);
    EXPECT_EQ(cluster.check_outcomes(), "");
    EXPECT_EQ(cluster.count(outcome_kind::done), cluster.requests().size());
  });
}

// The node where it lives dies with requests in its hands; those that come meanwhile wait.
TEST(SingletonRequests, AfterACrashOnlyWhatTheDeadInstanceHadIsUnknown) {
  ticket_cluster cluster{{.seed = test_seed()}};
  timeline_on_failure shown{cluster.sim()};
  ASSERT_TRUE(cluster.settles());
  const auto dead = cluster.lives_on();
  const auto from = another_than(cluster, dead);
  auto had = cluster.take_later(from, 200ms);
  cluster.sim().run_for(50ms);
  cluster.sim().node(dead).kill();
  cluster.sim().run_for(500ms);  // by now it is not heard any more
  auto meanwhile = cluster.take(from);
  ASSERT_TRUE(cluster.settles());
  EXPECT_EQ(had.outcome(), outcome_kind::unknown);
  EXPECT_TRUE(meanwhile.done()) << meanwhile.text();
  EXPECT_EQ(cluster.check_outcomes(), "");
}

TEST(SingletonRequests, AreRejectedWhenNoneLivesWithinTheirTime) {
  ticket_cluster cluster{{.seed = test_seed()}};
  timeline_on_failure shown{cluster.sim()};
  ASSERT_TRUE(cluster.settles());
  const auto first = cluster.lives_on();
  const auto from = another_than(cluster, first);
  for (const auto& node : cluster.sim().nodes())
    if (node != from) cluster.sim().node(node).kill();
  cluster.sim().run_for(1s);
  auto late = cluster.take(from);
  cluster.sim().run_for(6s);
  EXPECT_EQ(late.outcome(), outcome_kind::rejected) << late.text();
  EXPECT_EQ(cluster.check_outcomes(), "");
}

TEST(SingletonRequests, BeyondTheBoundAreRejectedAtOnce) {
  ticket_cluster cluster{{.seed = test_seed(), .requests_max = 3}};
  timeline_on_failure shown{cluster.sim()};
  cluster.sim().run_for(10ms);  // the client's session is open, no instance lives yet
  for (int i = 0; i < 5; ++i) (void)cluster.take("a");
  cluster.sim().run_for(50ms);
  EXPECT_EQ(cluster.count(outcome_kind::rejected), 2u);
  ASSERT_TRUE(cluster.settles());
  EXPECT_EQ(cluster.count(outcome_kind::done), 3u);
  EXPECT_EQ(cluster.check_outcomes(), "");
}

TEST(SingletonRequests, CopiesOnTheWayAreExecutedOnce) {
  for_each_seed(1, 20, [](std::uint64_t seed) {
    ticket_cluster cluster{{.seed = seed}};
    timeline_on_failure shown{cluster.sim()};
    ASSERT_TRUE(cluster.settles());
    fault_plan plan;
    plan.length = 5s;
    plan.faults = {{0s, 5s, fault_kind::duplicate, {}, 0.5},
                   {0s, 5s, fault_kind::reorder, {}, 0.5},
                   {0s, 5s, fault_kind::loss, {}, 0.1}};
    cluster.sim().play(plan);
    cluster.load(20ms);
    cluster.sim().run_for(5s);
    cluster.stop_load();
    cluster.sim().heal_everything();
    cluster.sim().run_for(7s);
    EXPECT_EQ(cluster.check_outcomes(), "");
    EXPECT_GT(cluster.count(outcome_kind::done), cluster.requests().size() * 9 / 10);
  });
}

}  // namespace
}  // namespace us::test
