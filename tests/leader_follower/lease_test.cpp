#include "actors/leader_follower/lease.hpp"

#include <gtest/gtest.h>

namespace us {
namespace {

using namespace std::chrono_literals;

// The voter's clock runs as fast as it may, the leader's as slowly: the promise is over for both at
// once, and never later for the leader.
TEST(Lease, IsNeverLongerThanThePromiseByTheWorstClocks) {
  for (const std::uint32_t ppm : {0u, 500u, 10'000u, 50'000u, 500'000u}) {
    const double rate = ppm / 1e6;
    for (const duration promise : {duration{1ms}, duration{150ms}, duration{3s}, duration{1h}}) {
      const auto lease = lease_of(promise, ppm);
      const double leaders_time = static_cast<double>(lease.count()) / (1 - rate);
      const double voters_time = static_cast<double>(promise.count()) / (1 + rate);
      EXPECT_LE(leaders_time, voters_time + 1) << ppm;
      EXPECT_GT(leaders_time, voters_time * 0.9) << ppm << ": it is of use";
    }
  }
}

TEST(RoundTimes, KnowsTheLastSecondsAndNeverALaterTime) {
  round_times times;
  EXPECT_FALSE(times.of(0));
  for (std::uint64_t round = 1; round <= 100'000; ++round)
    times.sent(round, time_point{round * 100us});
  EXPECT_FALSE(times.of(1));
  for (const std::uint64_t round : {70'000u, 99'995u, 100'000u}) {
    const auto known = times.of(round);
    ASSERT_TRUE(known) << round;
    EXPECT_LE(*known, time_point{round * 100us});
    EXPECT_GT(*known, time_point{round * 100us} - 1ms);
  }
}

}  // namespace
}  // namespace us
