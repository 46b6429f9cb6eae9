#include "runtime/supervision/supervision_rules.hpp"

#include <gtest/gtest.h>

namespace us::supervision {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint64_t no_chance = 0;

restart_policy policy() {
  return {.restarts_max = 3,
          .window = seconds{10},
          .backoff_min = milliseconds{100},
          .backoff_max = milliseconds{1000}};
}

TEST(RestartRules, PermanentChildrenAlwaysComeBack) {
  EXPECT_TRUE(restarts(restart::permanent, true));
  EXPECT_TRUE(restarts(restart::permanent, false));
}

TEST(RestartRules, TransientChildrenComeBackAfterAnError) {
  EXPECT_FALSE(restarts(restart::transient, true));
  EXPECT_TRUE(restarts(restart::transient, false));
}

TEST(RestartRules, TemporaryChildrenNeverComeBack) {
  EXPECT_FALSE(restarts(restart::temporary, true));
  EXPECT_FALSE(restarts(restart::temporary, false));
}

TEST(StrategyRules, NameWhoEndsTogether) {
  EXPECT_EQ(first_affected(strategy::one_for_one, 2), 2u);
  EXPECT_EQ(end_affected(strategy::one_for_one, 2, 5), 3u);
  EXPECT_EQ(first_affected(strategy::one_for_all, 2), 0u);
  EXPECT_EQ(end_affected(strategy::one_for_all, 2, 5), 5u);
  EXPECT_EQ(first_affected(strategy::rest_for_one, 2), 2u);
  EXPECT_EQ(end_affected(strategy::rest_for_one, 2, 5), 5u);
}

TEST(BackoffRules, DoubleUntilTheMaximum) {
  const std::vector<int> expected_half_ms{50, 100, 200, 400, 500, 500};
  for (std::size_t i = 0; i < expected_half_ms.size(); ++i)
    EXPECT_EQ(backoff(policy(), i + 1, no_chance), milliseconds{expected_half_ms[i]}) << i;
}

TEST(BackoffRules, JitterStaysBetweenHalfAndWhole) {
  for (std::uint64_t chance : {0ull, 1ull, 49'999'999ull, 50'000'000ull, 50'000'001ull, ~0ull}) {
    EXPECT_GE(backoff(policy(), 1, chance), milliseconds{50}) << chance;
    EXPECT_LE(backoff(policy(), 1, chance), milliseconds{100}) << chance;
  }
  EXPECT_EQ(backoff(policy(), 1, 50'000'000), milliseconds{100});
}

TEST(BackoffRules, HoldForExtremeAttemptsAndPolicies) {
  EXPECT_EQ(backoff(policy(), 1'000'000, no_chance), milliseconds{500});
  auto huge = policy();
  huge.backoff_max = duration::max();
  EXPECT_LE(backoff(huge, 1'000'000, ~0ull), duration::max());
  EXPECT_GE(backoff(huge, 1'000'000, ~0ull), duration::max() / 2);
  auto none = policy();
  none.backoff_min = none.backoff_max = duration{0};
  EXPECT_EQ(backoff(none, 1'000'000, ~0ull), duration{0});
  none.backoff_min = milliseconds{-1};
  EXPECT_EQ(backoff(none, 2, ~0ull), duration{0});
}

TEST(RestartWindow, ToleratesTheMaximumWithinItsWindow) {
  restart_window window{policy()};
  const time_point start{seconds{100}};
  EXPECT_TRUE(window.allows(start));
  EXPECT_TRUE(window.allows(start + seconds{1}));
  EXPECT_TRUE(window.allows(start + seconds{2}));
  EXPECT_FALSE(window.allows(start + seconds{9}));
}

TEST(RestartWindow, ForgetsRestartsOlderThanTheWindow) {
  restart_window window{policy()};
  const time_point start{seconds{100}};
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(window.allows(start + i * seconds{4})) << i;
  EXPECT_LE(window.count(), 3u);
}

TEST(RestartWindow, OfZeroRestartsToleratesNone) {
  auto none = policy();
  none.restarts_max = 0;
  restart_window window{none};
  EXPECT_FALSE(window.allows(time_point{seconds{1}}));
}

TEST(FailureStreak, CountsFailuresInARow) {
  failure_streak streak;
  const time_point start{seconds{100}};
  EXPECT_EQ(streak.failed(policy(), start, start), 1u);
  EXPECT_EQ(streak.failed(policy(), start, start + seconds{9}), 2u);
  EXPECT_EQ(streak.failed(policy(), start + seconds{10}, start + seconds{11}), 3u);
}

TEST(FailureStreak, EndsWithAChildThatRanForAWindow) {
  failure_streak streak;
  const time_point start{seconds{100}};
  EXPECT_EQ(streak.failed(policy(), start, start), 1u);
  EXPECT_EQ(streak.failed(policy(), start, start + seconds{10}), 1u);
}

}  // namespace
}  // namespace us::supervision
