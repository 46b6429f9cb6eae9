#include "actors/leader_follower/freshness.hpp"

#include <gtest/gtest.h>

namespace us {
namespace {

using namespace std::chrono_literals;
using kind = read_policy::kind;

constexpr time_point at(duration since) {
  return time_point{since};
}
constexpr read_policy within(duration staleness) {
  return {.who = kind::bounded, .staleness = staleness};
}

TEST(Freshness, CountsAPointOnceItsIndexIsApplied) {
  freshness fresh;
  EXPECT_FALSE(fresh.as_of());
  fresh.learn({at(1s), {10}}, {9});
  EXPECT_FALSE(fresh.as_of());
  EXPECT_EQ(fresh.newest(), at(1s));
  fresh.reach({10});
  EXPECT_EQ(fresh.as_of(), at(1s));
  fresh.learn({at(2s), {10}}, {10});
  EXPECT_EQ(fresh.as_of(), at(2s));
}

TEST(Freshness, IgnoresWhatIsOlderThanItKnows) {
  freshness fresh;
  fresh.learn({at(2s), {5}}, {5});
  fresh.learn({at(1s), {9}}, {5});
  EXPECT_EQ(fresh.newest(), at(2s));
  fresh.reach({9});
  EXPECT_EQ(fresh.as_of(), at(2s));
}

// Entries come steadily, and each question names more than there is: it still gets newer.
TEST(Freshness, ComesForwardWhileItLagsBehind) {
  freshness fresh;
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    fresh.learn({at(i * 1ms), {i * 10}}, {i * 10 - 100});
    if (i > 80) {
      EXPECT_TRUE(fresh.as_of() && *fresh.as_of() >= at((i - 80) * 1ms)) << i;
    }
  }
}

TEST(Freshness, AReadIsAnsweredByItsPolicy) {
  EXPECT_TRUE(may_answer({.who = kind::local}, at(5s), {}, {}));
  EXPECT_FALSE(may_answer(within(1s), at(5s), {7}, {})) << "nothing is known";
  EXPECT_FALSE(may_answer(within(1s), at(5s), {7}, at(3999ms)));
  EXPECT_TRUE(may_answer(within(1s), at(5s), {7}, at(4s)));
  EXPECT_FALSE(may_answer(within(0s), at(5s), {7}, at(4999ms)));
  EXPECT_TRUE(may_answer(within(0s), at(5s), {7}, at(5s)));
  EXPECT_FALSE(may_answer({.who = kind::local, .after = {8}}, at(5s), {7}, at(5s)));
  EXPECT_TRUE(may_answer({.who = kind::local, .after = {8}}, at(5s), {8}, {}));
}

TEST(ReadPolicy, IsReadAsPeopleWriteIt) {
  EXPECT_EQ(read_policy_of("linearizable"), read_policy{});
  EXPECT_EQ(read_policy_of("local"), (read_policy{.who = kind::local}));
  EXPECT_EQ(read_policy_of("50ms"), within(50ms));
  EXPECT_EQ(read_policy_of("2s"), within(2s));
  EXPECT_EQ(read_policy_of("0ms"), within(0ms));
  for (const auto* wrong : {"", "ms", "5", "5m", "-5ms", "4000s", "99999999999ms", "5 ms", "all"})
    EXPECT_FALSE(read_policy_of(wrong)) << wrong;
  for (const auto* text : {"linearizable", "local", "50ms"})
    EXPECT_EQ(to_string(*read_policy_of(text)), text);
}

}  // namespace
}  // namespace us
