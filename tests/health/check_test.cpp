// Rise and fall.
#include "runtime/health/check.hpp"

#include <gtest/gtest.h>

namespace us {
namespace {

TEST(CheckHistory, KnowsNothingBeforeTheFirstResult) {
  EXPECT_EQ((check_history{2, 3}).state(), check_state::unknown);
}

TEST(CheckHistory, IsDecidedByTheFirstResult) {
  check_history good{2, 3};
  EXPECT_TRUE(good.add(true));
  EXPECT_EQ(good.state(), check_state::up);
  check_history bad{2, 3};
  EXPECT_TRUE(bad.add(false));
  EXPECT_EQ(bad.state(), check_state::down);
}

TEST(CheckHistory, FallsAfterFallBadResultsInARow) {
  check_history h{2, 3};
  h.add(true);
  EXPECT_FALSE(h.add(false));
  EXPECT_FALSE(h.add(false));
  EXPECT_FALSE(h.add(true));  // in a row, or not at all
  EXPECT_FALSE(h.add(false));
  EXPECT_FALSE(h.add(false));
  EXPECT_TRUE(h.add(false));
  EXPECT_EQ(h.state(), check_state::down);
  EXPECT_FALSE(h.add(false));
}

TEST(CheckHistory, RisesAfterRiseGoodResultsInARow) {
  check_history h{2, 1};
  h.add(false);
  EXPECT_FALSE(h.add(true));
  EXPECT_FALSE(h.add(false));
  EXPECT_FALSE(h.add(true));
  EXPECT_TRUE(h.add(true));
  EXPECT_EQ(h.state(), check_state::up);
  EXPECT_TRUE(h.add(false));
}

}  // namespace
}  // namespace us
