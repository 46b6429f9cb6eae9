#include "actors/router/health.hpp"
#include "actors/router/hedging.hpp"
#include "actors/router/retry_budget.hpp"

#include <gtest/gtest.h>

namespace us {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1h};

TEST(Health, IsDownAfterChecksWithoutAnAnswer) {
  const health_rules rules{.misses_max = 2};
  target_health health{rules};
  EXPECT_FALSE(health.check_sent());
  EXPECT_FALSE(health.check_sent());
  EXPECT_FALSE(health.down());
  EXPECT_TRUE(health.check_sent()) << "the third is due and the first two are not answered";
  EXPECT_TRUE(health.down());
  EXPECT_FALSE(health.check_sent()) << "it was down before";
  health.check_answered(start);
  EXPECT_FALSE(health.down());
}

TEST(Health, BelievesTheMonitorUntilACheckIsAnswered) {
  const health_rules rules;
  target_health health{rules};
  EXPECT_TRUE(health.suspect());
  EXPECT_FALSE(health.suspect());
  EXPECT_TRUE(health.down());
  health.check_answered(start);
  EXPECT_FALSE(health.down());
}

TEST(Health, CountsFailuresInARowOnly) {
  const health_rules rules{.failures_max = 3};
  target_health health{rules};
  EXPECT_FALSE(health.failed());
  EXPECT_FALSE(health.failed());
  health.succeeded();
  EXPECT_FALSE(health.failed());
  EXPECT_FALSE(health.failed());
  EXPECT_TRUE(health.failed());
}

TEST(Health, EjectsForLongerEachTimeUpToTheMost) {
  const health_rules rules{.eject_base = 1s, .eject_max = 3s};
  target_health health{rules};
  auto now = start;
  for (auto expected : {1s, 2s, 3s, 3s}) {
    health.eject(now);
    EXPECT_TRUE(health.ejected(now + expected - 1ms));
    EXPECT_FALSE(health.ejected(now + expected));
    now += expected;
  }
}

TEST(Health, ForgivesEjectionsWithTimeInService) {
  const health_rules rules{.eject_base = 1s, .eject_max = 3s};
  target_health health{rules};
  health.eject(start);
  health.eject(start + 1s);  // until 3 s
  health.eject(start + 12s);
  EXPECT_FALSE(health.ejected(start + 13s));
}

TEST(Ejection, LeavesAShareInServiceAndNeverTakesTheLast) {
  EXPECT_FALSE(may_eject(0, 1, 1));
  EXPECT_FALSE(may_eject(0, 0, 1));
  EXPECT_TRUE(may_eject(0, 2, 0.1)) << "one may always go";
  EXPECT_FALSE(may_eject(1, 2, 1));
  EXPECT_TRUE(may_eject(0, 3, 0.5));
  EXPECT_FALSE(may_eject(1, 3, 0.5));
  EXPECT_TRUE(may_eject(4, 10, 0.5));
  EXPECT_FALSE(may_eject(5, 10, 0.5));
}

TEST(Panic, BeginsWhenTooFewAreWell) {
  EXPECT_TRUE(panics(0, 3, 0.3));
  EXPECT_FALSE(panics(1, 3, 0.3));
  EXPECT_TRUE(panics(2, 10, 0.3));
  EXPECT_FALSE(panics(3, 10, 0.3));
}

TEST(SlowStart, GivesBackTheShareStepByStep) {
  EXPECT_DOUBLE_EQ(slow_start_weight(0ms, 1s), 0.1);
  EXPECT_DOUBLE_EQ(slow_start_weight(500ms, 1s), 0.5);
  EXPECT_DOUBLE_EQ(slow_start_weight(1s, 1s), 1);
  EXPECT_DOUBLE_EQ(slow_start_weight(0ms, 0s), 1);
}

TEST(SlowStart, FollowsDownAndEjectionButNotTheFirstStart) {
  const health_rules rules{.eject_base = 1s, .slow_start = 1s};
  target_health health{rules};
  health.check_answered(start);
  EXPECT_DOUBLE_EQ(health.weight(start), 1);
  health.suspect();
  health.check_answered(start);
  EXPECT_DOUBLE_EQ(health.weight(start + 500ms), 0.5);
  health.eject(start + 5s);
  EXPECT_DOUBLE_EQ(health.weight(start + 6s), 0.1);
  EXPECT_DOUBLE_EQ(health.weight(start + 7s), 1);
}

TEST(RetryBudget, AllowsAShareOfTheRequests) {
  retry_budget budget{{.ratio = 0.25, .per_second_min = 0, .tokens_max = 10}, start};
  EXPECT_FALSE(budget.take(start));
  for (int i = 0; i < 8; ++i) budget.add_request();
  EXPECT_TRUE(budget.take(start));
  EXPECT_TRUE(budget.take(start));
  EXPECT_FALSE(budget.take(start));
}

TEST(RetryBudget, AllowsSomeASecondHoweverFewRequestsThereAre) {
  retry_budget budget{{.ratio = 0, .per_second_min = 2, .tokens_max = 10}, start};
  EXPECT_TRUE(budget.take(start));
  EXPECT_TRUE(budget.take(start));
  EXPECT_FALSE(budget.take(start));
  EXPECT_TRUE(budget.take(start + 500ms));
  EXPECT_FALSE(budget.take(start + 900ms));
}

TEST(RetryBudget, SavesUpToItsSizeAndOwesAsMuch) {
  retry_budget budget{{.ratio = 1, .per_second_min = 0, .tokens_max = 3}, start};
  for (int i = 0; i < 100; ++i) budget.add_request();
  EXPECT_DOUBLE_EQ(budget.tokens(start), 3);
  for (int i = 0; i < 100; ++i) budget.owe(start);
  EXPECT_DOUBLE_EQ(budget.tokens(start), -3);
  EXPECT_FALSE(budget.take(start));
}

TEST(Latencies, AreNotKnownAtFirst) {
  latency_window window;
  for (std::size_t i = 0; i + 1 < latency_window::refresh_every; ++i) window.add(1ms);
  EXPECT_EQ(window.usual(), 0ms);
  window.add(1ms);
  EXPECT_EQ(window.usual(), 1ms);
}

TEST(Latencies, GiveTheTimeThatNineteenOfTwentyTook) {
  latency_window window{0.95};
  for (int i = 0; i < 256; ++i) window.add(std::chrono::milliseconds{i < 12 ? 1000 : 1 + i % 4});
  EXPECT_EQ(window.usual(), 4ms) << "12 of 256 took longer, that is less than one of twenty";
  for (int i = 0; i < 256; ++i) window.add(7ms);
  EXPECT_EQ(window.usual(), 7ms) << "the old ones are forgotten";
}

TEST(Hedging, WaitsForTheUsualTimeWithinBounds) {
  latency_window window;
  EXPECT_EQ(hedge_delay(window, {}, 200ms), 100ms) << "nothing is known";
  for (int i = 0; i < 64; ++i) window.add(10us);
  EXPECT_EQ(hedge_delay(window, {.least = 2ms}, 200ms), 2ms);
  for (int i = 0; i < 256; ++i) window.add(30ms);
  EXPECT_EQ(hedge_delay(window, {.least = 2ms}, 200ms), 30ms);
  EXPECT_EQ(hedge_delay(window, {.least = 2ms}, 40ms), 20ms);
}

}  // namespace
}  // namespace us
