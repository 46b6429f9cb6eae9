// What one network may have.
#include "runtime/dns/rate_limit.hpp"

#include <gtest/gtest.h>

#include <array>

namespace us::dns {
namespace {

using namespace std::chrono_literals;
using ipv4 = std::array<std::uint8_t, 4>;

struct RateLimit : testing::Test {
  rate_limiter limiter{100, 42};
  rate_limiter::time now{1h};

  int sent(const ipv4& from, int queries) {
    int count = 0;
    for (int i = 0; i < queries; ++i) count += limiter.judge(from, now) == ruling::send;
    return count;
  }
};

TEST_F(RateLimit, HoldsPerSecond) {
  EXPECT_EQ(sent({10, 0, 0, 1}, 1000), 100);
  now += 500ms;
  EXPECT_EQ(sent({10, 0, 0, 1}, 1000), 50);
  now += 1h;  // silence saves up one second, not an hour
  EXPECT_EQ(sent({10, 0, 0, 1}, 1000), 100);
}

TEST_F(RateLimit, IsSharedByANetworkAndByNobodyElse) {
  EXPECT_EQ(sent({10, 0, 0, 1}, 60) + sent({10, 0, 0, 200}, 60), 100);
  EXPECT_EQ(sent({10, 0, 1, 1}, 60), 60);
}

TEST_F(RateLimit, TakesIpv6NetworksOf56Bits) {
  std::array<std::uint8_t, 16> one{0xfd, 0, 0, 0, 0, 0, 1, 1};
  auto neighbour = one;
  neighbour[7] = 2;
  auto stranger = one;
  stranger[6] = 2;
  for (int i = 0; i < 100; ++i) EXPECT_EQ(limiter.judge(one, now), ruling::send);
  EXPECT_NE(limiter.judge(neighbour, now), ruling::send);
  EXPECT_EQ(limiter.judge(stranger, now), ruling::send);
}

TEST_F(RateLimit, LetsEverySecondOneTryTcp) {
  sent({10, 0, 0, 1}, 100);
  int truncated = 0;
  for (int i = 0; i < 100; ++i)
    truncated += limiter.judge(ipv4{10, 0, 0, 1}, now) == ruling::truncate;
  EXPECT_EQ(truncated, 50);
}

TEST(NoRateLimit, SendsEverything) {
  rate_limiter none{0, 1};
  EXPECT_FALSE(none.limits());
  EXPECT_EQ(none.judge(ipv4{10, 0, 0, 1}, {}), ruling::send);
}

}  // namespace
}  // namespace us::dns
