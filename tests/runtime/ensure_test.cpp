#include "runtime/ensure.hpp"
#include "runtime/error.hpp"
#include "runtime/node/timing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace us {
namespace {

TEST(Ensure, SaysNothingWhileItHolds) {
  EXPECT_NO_THROW(ensure(1 + 1 == 2));
}

TEST(Ensure, NamesConditionPlaceAndOperands) {
  const int left = 3;
  try {
    ensure(left == 4, left, "text");
    FAIL() << "it did not throw";
  } catch (const invariant_violation& e) {
    EXPECT_THAT(e.what(), testing::HasSubstr("ensure_test.cpp"));
    EXPECT_THAT(e.what(), testing::HasSubstr("ensure(left == 4) failed [3] [text]"));
  }
}

TEST(Result, IsAValueOrAFailure) {
  result<int> value{3};
  ASSERT_TRUE(value);
  EXPECT_EQ(*value, 3);
  result<int> none{failure{errc::not_found, "nothing there"}};
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, errc::not_found);
}

TEST(TimingProfiles, KeepTheirTimesInProportion) {
  for (const auto* name : {"fast", "local", "lan", "wan"}) {
    const auto timing = timing::profile(name);
    ASSERT_TRUE(timing) << name;
    EXPECT_GE(timing->heartbeat_silence_max, 5 * timing->heartbeat) << name;
    EXPECT_GE(timing->election_timeout_min, 5 * timing->leader_beat) << name;
    EXPECT_GT(timing->request_timeout, 4 * timing->election_timeout_min) << name;
  }
  EXPECT_FALSE(timing::profile("lunar"));
}

}  // namespace
}  // namespace us
