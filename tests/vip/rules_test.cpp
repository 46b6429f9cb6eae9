// The rules of election and lease: golden cases.
#include "actors/active_passive/election_rules.hpp"
#include "actors/active_passive/lease_rules.hpp"
#include "actors/active_passive/roles.hpp"

#include <gtest/gtest.h>

namespace us::active_passive::rules {
namespace {

using namespace std::chrono_literals;

constexpr node_id a{1};
constexpr node_id b{2};
constexpr node_id c{3};

time_point at(duration since_start) {
  return time_point{1h + since_start};
}

TEST(Claims, OfTheNewerEpochStayThenOfTheHigherPriorityThenOfTheSmallerId) {
  EXPECT_TRUE(outranks({{2}, 1, b}, {{1}, 254, a}));
  EXPECT_TRUE(outranks({{2}, 101, b}, {{2}, 100, a}));
  EXPECT_TRUE(outranks({{2}, 100, a}, {{2}, 100, b}));
  EXPECT_FALSE(outranks({{2}, 100, b}, {{2}, 100, a}));
  EXPECT_FALSE(outranks({{2}, 100, a}, {{2}, 100, a}));
}

TEST(Rank, CountsThoseThatComeBefore) {
  EXPECT_EQ(rank({100, b}, {}), 0u);
  EXPECT_EQ(rank({100, b}, {{100, a}, {100, c}}), 1u);
  EXPECT_EQ(rank({100, b}, {{200, c}, {99, a}}), 1u);
  EXPECT_EQ(rank({100, c}, {{100, a}, {100, b}}), 2u);
}

TEST(Takeover, ComesAfterThreeMissedIntervalsAndTheSkewOfTheRank) {
  const patience with{20ms, 3};
  EXPECT_EQ(takeover_at({at(0s), at(1s), {}}, with, 0), at(1060ms));
  EXPECT_EQ(takeover_at({at(0s), at(1s), {}}, with, 1), at(1100ms));
}

TEST(Takeover, OfOneThatHeardNobodyComesAfterListening) {
  EXPECT_EQ(takeover_at({at(5s), {}, {}}, {20ms, 3}, 0), at(5060ms));
}

TEST(Takeover, OfOneThatWasNotScheduledComesAfterListeningAnew) {
  EXPECT_EQ(takeover_at({at(9s), at(1s), {}}, {20ms, 3}, 0), at(9060ms));
}

TEST(Takeover, FromOneThatSaidGoodbyeWaitsForTheRankOnly) {
  EXPECT_EQ(takeover_at({at(0s), at(1s), at(1010ms)}, {20ms, 3}, 0), at(1010ms));
  EXPECT_EQ(takeover_at({at(0s), at(1s), at(1010ms)}, {20ms, 3}, 1), at(1050ms));
}

TEST(Overlap, IsTheTimeInWhichBothWereActive) {
  EXPECT_EQ(overlap(10s, 0s, 2s), 2s) << "the other joined two seconds ago";
  EXPECT_EQ(overlap(1s, 0s, 2s), 1s) << "this one joined after the other";
  EXPECT_EQ(overlap(10s, 500ms, 2s), 1500ms) << "this one let go half a second ago";
  EXPECT_EQ(overlap(10s, 3s, 2s), 0s) << "it let go before the other began";
}

TEST(FlapHistory, DampsAfterSoManyTimesInTheWindow) {
  flap_history flaps{3, 60s};
  for (int i = 0; i < 2; ++i) flaps.became_active(at(1s * i));
  EXPECT_FALSE(flaps.damped(at(2s)));
  flaps.became_active(at(2s));
  EXPECT_TRUE(flaps.damped(at(3s)));
  EXPECT_FALSE(flaps.damped(at(61s)));
}

TEST(HoldTime, IsShorterThanTheLeaseByTheDriftOfBothClocks) {
  EXPECT_EQ(hold_time(100ms, 0), 100ms);
  // A holder that runs 1 % slow and a node that runs 1 % fast.
  const auto held = hold_time(100ms, 10'000);
  EXPECT_LE(static_cast<double>(held.count()) / 0.99, 100e6 / 1.01 + 1);
  EXPECT_GT(held, 97ms);
}

constexpr promise for_a{{1}, a};
constexpr promise for_b{{2}, b};

/// A book that waited its lease and promised and granted to a.
lease_book granted_to_a() {
  lease_book book{{}, at(0s), 100ms};
  book.promised(for_a);
  EXPECT_EQ(book.judge(for_a, at(1s)), answer::granted);
  return book;
}

TEST(LeaseBook, PromisesBeforeItGrants) {
  lease_book book{{}, at(0s), 100ms};
  EXPECT_EQ(book.judge(for_a, at(1s)), answer::promise_first);
  book.promised(for_a);
  EXPECT_EQ(book.judge(for_a, at(1s)), answer::granted);
  EXPECT_EQ(book.holder(at(1099ms)), a);
  EXPECT_EQ(book.holder(at(1100ms)), node_id{});
}

TEST(LeaseBook, GrantsToNobodyElseUntilTheGrantIsOver) {
  auto book = granted_to_a();
  EXPECT_EQ(book.judge(for_b, at(1099ms)), answer::refused);
  EXPECT_EQ(book.judge(for_a, at(1050ms)), answer::granted) << "a renewal begins anew";
  EXPECT_EQ(book.judge(for_b, at(1149ms)), answer::refused);
  EXPECT_EQ(book.judge(for_b, at(1150ms)), answer::promise_first);
}

TEST(LeaseBook, GrantsAtOnceWhenTheHolderReleased) {
  auto book = granted_to_a();
  book.released({{9}, a});
  EXPECT_EQ(book.judge(for_b, at(1001ms)), answer::refused) << "that was another term";
  book.released(for_a);
  EXPECT_EQ(book.judge(for_b, at(1001ms)), answer::promise_first);
}

TEST(LeaseBook, RefusesOlderEpochsAndASecondHolderOfTheSame) {
  auto book = granted_to_a();
  book.promised(for_b);
  EXPECT_EQ(book.judge(for_a, at(9s)), answer::refused);
  EXPECT_EQ(book.judge({{2}, c}, at(9s)), answer::refused);
}

TEST(LeaseBook, AfterAStartWaitsALeaseForAllButTheLastHolder) {
  lease_book book{for_a, at(0s), 100ms};
  EXPECT_EQ(book.judge(for_b, at(99ms)), answer::refused);
  EXPECT_EQ(book.judge(for_a, at(99ms)), answer::granted);
  lease_book other{for_a, at(0s), 100ms};
  EXPECT_EQ(other.judge(for_b, at(100ms)), answer::promise_first);
}

TEST(LeaseTally, CountsFromTheRequestAndEachNodeOnce) {
  lease_tally tally{3, 90ms, 1000};
  const auto first = tally.ask(at(0s));
  const auto second = tally.ask(at(20ms));
  EXPECT_FALSE(tally.granted(first, a));
  EXPECT_FALSE(tally.granted(first, a));
  EXPECT_FALSE(tally.granted(second, b)) << "another round";
  EXPECT_TRUE(tally.granted(first, b));
  EXPECT_EQ(tally.held_until(), at(90ms));
  EXPECT_TRUE(tally.granted(second, a));
  EXPECT_EQ(tally.held_until(), at(110ms));
  EXPECT_TRUE(tally.granted(first, c)) << "late";
  EXPECT_EQ(tally.held_until(), at(110ms)) << "and never backwards";
}

TEST(LeaseTally, KnowsOnlyItsOwnRounds) {
  lease_tally tally{1, 90ms, 1000};
  EXPECT_FALSE(tally.granted(7, a)) << "of a former actor";
}

TEST(Roles, ChangeAlongTheTableOnly) {
  EXPECT_TRUE(legal(role::passive, role::claimant));
  EXPECT_FALSE(legal(role::passive, role::active));
  EXPECT_TRUE(legal(role::claimant, role::active));
  EXPECT_FALSE(legal(role::active, role::claimant));
  EXPECT_FALSE(legal(role::aside, role::active));
}

}  // namespace
}  // namespace us::active_passive::rules
