// A sweep reports the seed that fails, the shortest plan, and how to run it again.
#include "actors/simulation/gtest.hpp"
#include "apps/counter/counter_service.hpp"
#include "runtime/simulation/shrink.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>

#include <algorithm>

namespace us {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

fault_plan crashes(const std::vector<std::string>& nodes) {
  fault_plan plan{{}, 10s};
  duration at{0};
  for (const auto& node : nodes)
    plan.faults.push_back({at += 100ms, 1s, fault_kind::crash, {node}});
  return plan;
}

bool crashes_node(const fault_plan& plan, const std::string& node) {
  return std::ranges::any_of(plan.faults, [&](const fault& f) { return f.nodes.front() == node; });
}

TEST(Shrink, LeavesOutAllThatTheFailureDoesNotNeed) {
  const auto plan = crashes({"a", "b", "c", "a", "d", "e", "c", "b", "a", "e"});
  const auto least = shrink(
      plan, [](const fault_plan& p) { return crashes_node(p, "d") && crashes_node(p, "b"); }, 1000);
  ASSERT_EQ(least.faults.size(), 2u) << to_string(least);
  EXPECT_TRUE(crashes_node(least, "b") && crashes_node(least, "d"));
  EXPECT_LE(least.faults.front().lasts, 2ms) << "as short as it still fails";
}

TEST(Shrink, NeedsNoFaultsWhenTheRunFailsWithout) {
  EXPECT_TRUE(shrink(
                  crashes({"a", "b"}), [](const auto&) { return true; }, 1000)
                  .faults.empty());
}

TEST(Shrink, KeepsThePlanWhenNothingCanGo) {
  const auto plan = crashes({"a", "b", "c"});
  const auto all = [&](const fault_plan& p) { return to_string(p) == to_string(plan); };
  EXPECT_EQ(to_string(shrink(plan, all, 1000)), to_string(plan));
}

TEST(Shrink, KeepsToItsNumberOfRuns) {
  std::size_t runs = 0;
  (void)shrink(
      crashes({"a", "b", "c", "d", "e"}), [&](const auto&) { return ++runs % 2 == 0; }, 7);
  EXPECT_EQ(runs, 7u);
}

/// Fails when a crash that the plan brings is noticed while the cluster runs.
void fails_when_c_crashes(const cluster_options& how) {
  simulated_cluster cluster{how, counter_service()};
  cluster.world().check("c runs", [&]() -> std::optional<std::string> {
    if (cluster.node("c").running()) return std::nullopt;
    return "c is down";
  });
  cluster.safety_phase();
}

TEST(Sweep, FindsTheShortestPlanThatFails) {
  cluster_options how;
  how.seed = 5;
  how.plan = crashes({"a", "b", "c", "b", "a"});
  const auto failed =
      run_seed(how, [](const cluster_options& with) { return judge(fails_when_c_crashes, with); });
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->faults_at_first, 5u);
  ASSERT_EQ(failed->plan.faults.size(), 1u);
  EXPECT_EQ(failed->plan.faults.front().nodes.front(), "c");
  const auto report = failed->report("COMMAND");
  EXPECT_THAT(report, HasSubstr("seed 5 fails"));
  EXPECT_THAT(report, HasSubstr("c is down"));
  EXPECT_THAT(report, HasSubstr("shortest part found of 5"));
  EXPECT_THAT(report, HasSubstr("crash c"));
  EXPECT_THAT(report, HasSubstr("replay: COMMAND"));
}

TEST(Sweep, TellsOfFailedExpectationsWithTheCommandThatReplaysThem) {
  testing::TestPartResultArray results;
  {
    using reporter = testing::ScopedFakeTestPartResultReporter;
    reporter quiet{reporter::INTERCEPT_ONLY_CURRENT_THREAD, &results};
    sweep({.seed = 3, .length = 1s}, 2, [](const cluster_options& how) {
      simulated_cluster cluster{how, counter_service()};
      cluster.advance(10ms);
      EXPECT_NE(cluster.now(), 10ms) << "so it fails";
    });
  }
  ASSERT_EQ(results.size(), 1) << "one report of the first seed that fails";
  const std::string told = results.GetTestPartResult(0).message();
  EXPECT_THAT(told, HasSubstr("so it fails"));
  EXPECT_THAT(told, HasSubstr("without any fault"));
  EXPECT_THAT(told, HasSubstr("UNDERSTUDY_SEED=3"));
  EXPECT_THAT(told, HasSubstr("UNDERSTUDY_PLAN="));
  EXPECT_THAT(told, HasSubstr("--gtest_filter=Sweep.TellsOf"));
}

TEST(Sweep, RunsEverySeedOfAScenarioThatHolds) {
  std::vector<std::uint64_t> seeds;
  sweep({.seed = 3, .length = 1s}, 4,
        [&](const cluster_options& how) { seeds.push_back(how.seed); });
  EXPECT_EQ(seeds.size(), sim::number_from_environment("UNDERSTUDY_SEED") ? 1u : 4u);
}

TEST(Sweep, PlaysThePlanOfItsSeed) {
  sweep({.nodes = 3, .faults = intensity::brutal, .length = 3s}, 2, [](const cluster_options& how) {
    simulated_cluster cluster{how, counter_service()};
    EXPECT_EQ(to_string(cluster.plan()), to_string(plan_of(how)));
    EXPECT_FALSE(cluster.plan().faults.empty());
  });
}

}  // namespace
}  // namespace us
