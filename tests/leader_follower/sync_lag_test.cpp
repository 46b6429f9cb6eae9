// Which followers a write acknowledged by all waits for.
#include "actors/leader_follower/sync_lag.hpp"

#include <gtest/gtest.h>

namespace us {
namespace {

using namespace std::chrono_literals;

constexpr duration bound = 1s;

time_point at(duration since_start) {
  return time_point{} + 1h + since_start;
}

TEST(SyncLag, OneThatIsAlwaysALittleBehindIsInSync) {
  sync_lag follower{at(0s)};
  for (int i = 1; i <= 100; ++i) {
    const auto now = at(i * 100ms);
    // Every 100 ms ten entries; it always lacks the last twenty.
    const auto last = static_cast<std::uint64_t>(10 * i);
    follower.look({last > 20 ? last - 20 : 0}, {last}, now);
    ASSERT_EQ(follower.judge(now, now, bound, true), sync_change::none) << i;
  }
  EXPECT_TRUE(follower.in_sync);
}

TEST(SyncLag, OneThatLacksAnOldEntryLeavesOnce) {
  sync_lag follower{at(0s)};
  follower.look({5}, {5}, at(1s));
  follower.look({5}, {6}, at(1900ms));
  EXPECT_EQ(follower.judge(at(1900ms), at(1900ms), bound, true), sync_change::none);
  follower.look({5}, {9}, at(2100ms));
  EXPECT_EQ(follower.judge(at(2100ms), at(2100ms), bound, true), sync_change::left);
  EXPECT_EQ(follower.judge(at(2200ms), at(2200ms), bound, true), sync_change::none);
}

TEST(SyncLag, ComesBackWhenItHasCaughtUp) {
  sync_lag follower{at(0s)};
  follower.look({5}, {6}, at(2s));
  ASSERT_EQ(follower.judge(at(2s), at(2s), bound, true), sync_change::left);
  follower.look({8}, {9}, at(3s));  // it has what there was at 2 s
  EXPECT_EQ(follower.judge(at(3s), at(3s), bound, true), sync_change::none);
  follower.look({9}, {9}, at(3100ms));
  EXPECT_EQ(follower.judge(at(3100ms), at(3100ms), bound, true), sync_change::back);
}

TEST(SyncLag, OneThatIsNotHeardLagsThoughNothingIsWritten) {
  sync_lag follower{at(0s)};
  follower.look({5}, {5}, at(3s));
  EXPECT_EQ(follower.judge(at(1s), at(3s), bound, true), sync_change::left);
}

TEST(SyncLag, OneThatLostItsDiskDoesNotCount) {
  sync_lag follower{at(0s)};
  follower.look({5}, {5}, at(1s));
  EXPECT_EQ(follower.judge(at(1s), at(1s), bound, false), sync_change::left);
  EXPECT_EQ(follower.judge(at(1s), at(1s), bound, false), sync_change::none);
  EXPECT_EQ(follower.judge(at(1s), at(1s), bound, true), sync_change::back);
}

}  // namespace
}  // namespace us
