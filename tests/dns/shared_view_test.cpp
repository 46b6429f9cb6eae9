// Several nodes, one zone.
#include "actors/dns/shared_view.hpp"

#include <gtest/gtest.h>

namespace us::dns {
namespace {

using namespace std::chrono_literals;
constexpr auto up = check_state::up;
constexpr auto down = check_state::down;
constexpr auto unknown = check_state::unknown;

struct SharedView : testing::Test {
  shared_view view{1, 400ms};
  time_point now{1h};
  const node_id b{2};
  const node_id c{3};

  bool lives() { return view.count().front().lives(); }
  void hear(node_id from, check_state state, std::uint64_t sequence = 1) {
    view.take(from, {1, sequence}, {state}, now);
  }
};

TEST_F(SharedView, OfOneNodeIsItsOwn) {
  EXPECT_TRUE(lives());  // nothing is known
  EXPECT_FALSE(view.count().front().known());
  view.set_own(0, down);
  EXPECT_FALSE(lives());
  view.set_own(0, up);
  EXPECT_TRUE(lives());
}

TEST_F(SharedView, BelievesTheMajority) {
  view.set_own(0, down);  // this node's checker is broken
  hear(b, up);
  hear(c, up);
  EXPECT_TRUE(lives());
  hear(b, down, 2);
  EXPECT_FALSE(lives());
}

TEST_F(SharedView, OfTwoThatDisagreeTakesNothingAway) {
  view.set_own(0, down);
  hear(b, up);
  EXPECT_TRUE(lives());
  view.set_own(0, up);
  hear(b, down, 2);
  EXPECT_TRUE(lives());
}

TEST_F(SharedView, CountsOnlyThoseWhoKnow) {
  hear(b, down);
  EXPECT_FALSE(lives());
  hear(c, unknown);
  EXPECT_FALSE(lives());
}

TEST_F(SharedView, ForgetsTheSilent) {
  view.set_own(0, down);
  hear(b, up);
  now += 399ms;
  EXPECT_FALSE(view.expire(now));
  now += 1ms;
  EXPECT_TRUE(view.expire(now));
  EXPECT_FALSE(lives());
}

TEST_F(SharedView, IgnoresWhatIsLateOrComesTwice) {
  EXPECT_TRUE(view.take(b, {1, 5}, {down}, now));
  EXPECT_FALSE(view.take(b, {1, 5}, {up}, now));
  EXPECT_FALSE(view.take(b, {1, 4}, {up}, now));
  EXPECT_FALSE(lives());
  EXPECT_TRUE(view.take(b, {2, 1}, {up}, now));  // it was started again
  EXPECT_FALSE(view.take(b, {1, 6}, {down}, now));
  EXPECT_TRUE(lives());
}

TEST_F(SharedView, TakesAViewOfAnotherNumberOfTargets) {
  EXPECT_TRUE(view.take(b, {1, 1}, {}, now));
  EXPECT_TRUE(view.take(c, {1, 1}, {down, down, down}, now));
  EXPECT_FALSE(lives());
}

}  // namespace
}  // namespace us::dns
