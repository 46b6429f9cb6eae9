#include "actors/router/call.hpp"

#include <gtest/gtest.h>

namespace us {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{1h};
constexpr call_times times{
    .attempt_timeout = 200ms, .hedge_delay = 5ms, .again = 10ms, .unsent = 50ms};

call made(bool idempotent) {
  call c;
  c.idempotent = idempotent;
  c.submitted = start;
  c.deadline = start + 1s;
  return c;
}

call sent_to(std::size_t target, bool idempotent) {
  auto c = made(idempotent);
  c.attempts.push_back({.target = target, .session = {1}, .sequence = {1}, .sent_at = start});
  return c;
}

TEST(Call, IsSentWhileNobodyHasIt) {
  EXPECT_EQ(next_step(made(false), start, times), call_step::send);
  EXPECT_EQ(due(made(false), start, times), start + 50ms);
  auto refused = sent_to(0, false);
  refused.attempts[0].refused = true;
  EXPECT_EQ(next_step(refused, start, times), call_step::send) << "it was certainly not executed";
}

TEST(Call, ThatMayBeExecutedTwiceIsHedgedThenRetried) {
  auto c = sent_to(0, true);
  EXPECT_EQ(next_step(c, start + 4ms, times), call_step::wait);
  EXPECT_EQ(due(c, start, times), start + 5ms);
  EXPECT_EQ(next_step(c, start + 5ms, times), call_step::hedge);
  c.hedged = true;
  EXPECT_EQ(next_step(c, start + 5ms, times), call_step::wait);
  EXPECT_EQ(due(c, start + 5ms, times), start + 200ms);
  EXPECT_EQ(next_step(c, start + 200ms, times), call_step::retry);
}

TEST(Call, IsNotHedgedWhenThatIsOff) {
  auto off = times;
  off.hedge_delay = 0ms;
  EXPECT_EQ(next_step(sent_to(0, true), start + 100ms, off), call_step::wait);
  EXPECT_EQ(due(sent_to(0, true), start, off), start + 200ms);
}

TEST(Call, WaitsForTheNewestAttemptBeforeTheNextRetry) {
  auto c = sent_to(0, true);
  c.hedged = true;
  c.attempts[0].late = true;
  c.attempts.push_back({.target = 1, .session = {2}, .sequence = {1}, .sent_at = start + 200ms});
  EXPECT_EQ(next_step(c, start + 399ms, times), call_step::wait);
  EXPECT_EQ(next_step(c, start + 400ms, times), call_step::retry);
}

TEST(Call, WhoseNodesAreAllLateIsRetriedAsSoonAsTheBudgetAllows) {
  auto c = sent_to(0, true);
  c.attempts[0].late = true;
  EXPECT_EQ(next_step(c, start + 1ms, times), call_step::retry);
  EXPECT_EQ(due(c, start + 1ms, times), start + 11ms);
}

TEST(Call, ThatMustNotBeExecutedTwiceStaysWithItsNode) {
  auto c = sent_to(0, false);
  EXPECT_EQ(next_step(c, start + 199ms, times), call_step::wait);
  EXPECT_EQ(next_step(c, start + 200ms, times), call_step::resend);
  c.attempts[0].sent_at = start + 200ms;
  c.attempts[0].sends = 2;
  EXPECT_EQ(next_step(c, start + 599ms, times), call_step::wait) << "each time twice as patient";
  EXPECT_EQ(next_step(c, start + 600ms, times), call_step::resend);
}

TEST(Call, EndsAtItsDeadline) {
  EXPECT_EQ(next_step(sent_to(0, true), start + 1s, times), call_step::expire);
  EXPECT_EQ(next_step(made(false), start + 1s, times), call_step::expire);
  EXPECT_EQ(due(sent_to(0, false), start + 950ms, times), start + 960ms);
  EXPECT_EQ(due(sent_to(0, false), start + 995ms, times), start + 1s);
}

TEST(Call, IsOverdueAfterAQuarterOfItsTime) {
  EXPECT_FALSE(overdue(made(true), start + 249ms));
  EXPECT_TRUE(overdue(made(true), start + 250ms));
  auto c = sent_to(0, true);
  c.attempts.push_back({.target = 1, .session = {2}, .sequence = {1}, .sent_at = start + 300ms});
  EXPECT_FALSE(overdue(c, start + 549ms));
  EXPECT_TRUE(overdue(c, start + 550ms));
}

TEST(Call, HasABoundOnItsAttempts) {
  auto c = sent_to(0, true);
  for (std::size_t i = 1; i < attempts_max; ++i) c.attempts.push_back(c.attempts[0]);
  EXPECT_EQ(next_step(c, start + 500ms, times), call_step::wait);
}

TEST(Call, KnowsWhomItWaitsFor) {
  auto c = sent_to(0, true);
  c.attempts.push_back({.target = 1, .session = {2}, .sequence = {1}, .sent_at = start});
  c.attempts[0].late = true;
  EXPECT_FALSE(c.waits_for(0));
  EXPECT_TRUE(c.waits_for(1));
  EXPECT_TRUE(c.tried(0));
  EXPECT_FALSE(c.tried(2));
  EXPECT_EQ(c.newest_open()->target, 1u);
}

}  // namespace
}  // namespace us
