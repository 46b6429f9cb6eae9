#include "actors/singleton/request_book.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace us::singletons {
namespace {

using namespace std::chrono_literals;
using message::SingletonOutcome;
using testing::ElementsAre;
using testing::IsEmpty;
using meaning = request_book::meaning;
using change = live_view::change;

time_point at(duration since_start) {
  return time_point{1h + since_start};
}
request_sequence number(std::uint64_t n) {
  return {n};
}
const target on_a{{1}, 11, {{1}, {9}}};
const target on_b{{2}, 22, {{2}, {9}}};
const target again_on_a{{1}, 12, {{1}, {9}}};

// -- live_view

TEST(LiveView, KnowsTheNewestEpochAndForgetsNoOlderOneBackIn) {
  live_view view{400ms};
  EXPECT_TRUE(view.at(at(0ms)).none());
  EXPECT_EQ(view.hear(on_a, true, at(0ms)), change::came);
  EXPECT_EQ(view.at(at(0ms)), on_a);
  EXPECT_EQ(view.hear(on_b, true, at(1ms)), change::came);
  EXPECT_EQ(view.hear(on_a, true, at(2ms)), change::none) << "a late copy";
  EXPECT_EQ(view.hear(on_a, false, at(3ms)), change::none);
  EXPECT_EQ(view.at(at(3ms)), on_b);
}

TEST(LiveView, AnEpochThatTheClusterHasForgottenIsForgottenInTheEnd) {
  live_view view{400ms};
  (void)view.hear(on_b, true, at(0ms));
  EXPECT_EQ(view.hear(on_a, true, at(1999ms)), change::none);
  EXPECT_EQ(view.hear(on_a, true, at(2000ms)), change::came);
  EXPECT_EQ(view.at(at(2000ms)), on_a);
}

TEST(LiveView, OneThatIsNotHeardIsNotTrustedWithMore) {
  live_view view{400ms};
  (void)view.hear(on_a, true, at(0ms));
  EXPECT_FALSE(view.at(at(399ms)).none());
  EXPECT_TRUE(view.at(at(400ms)).none());
  EXPECT_EQ(view.newest(), on_a);
  EXPECT_EQ(view.hear(on_a, true, at(500ms)), change::none);
  EXPECT_EQ(view.at(at(500ms)), on_a);
}

TEST(LiveView, AnInstanceThatEndedMakesRoomForAnotherOfItsEpoch) {
  live_view view{400ms};
  (void)view.hear(on_a, true, at(0ms));
  EXPECT_EQ(view.hear(again_on_a, true, at(1ms)), change::none) << "the first is there still";
  EXPECT_EQ(view.hear(on_a, false, at(2ms)), change::ended);
  EXPECT_TRUE(view.at(at(2ms)).none());
  EXPECT_EQ(view.hear(on_a, false, at(3ms)), change::none) << "twice";
  EXPECT_EQ(view.hear(again_on_a, true, at(4ms)), change::came);
}

TEST(LiveView, AHostThatTakesNoMoreIsLostUntilItAnnouncesAgain) {
  live_view view{400ms};
  (void)view.hear(on_a, true, at(0ms));
  view.lost(on_b.instance);
  EXPECT_FALSE(view.at(at(1ms)).none());
  view.lost(on_a.instance);
  EXPECT_TRUE(view.at(at(1ms)).none());
  EXPECT_EQ(view.hear(on_a, true, at(2ms)), change::came);
}

// -- request_book

TEST(RequestBook, ARequestWaitsIsSentAndEndsWithItsAnswer) {
  request_book book{{}};
  book.add({1}, at(5s));
  book.add({2}, at(5s));
  EXPECT_THAT(book.waiting(), ElementsAre(number(1), number(2)));
  book.sent({1}, on_a, at(0ms));
  EXPECT_THAT(book.waiting(), ElementsAre(number(2)));
  EXPECT_EQ(book.answered({1}, on_a.instance, SingletonOutcome::DONE), meaning::final);
  book.end({1});
  EXPECT_EQ(book.answered({1}, on_a.instance, SingletonOutcome::DONE), meaning::none) << "twice";
  EXPECT_EQ(book.first_open({3}), number(2));
  book.end({2});
  EXPECT_EQ(book.first_open({3}), number(3));
}

TEST(RequestBook, AnAnswerOfAnInstanceItWasNotSentToMeansNothing) {
  request_book book{{}};
  book.add({1}, at(5s));
  EXPECT_EQ(book.answered({1}, on_a.instance, SingletonOutcome::DONE), meaning::none);
  book.sent({1}, on_b, at(0ms));
  EXPECT_EQ(book.answered({1}, on_a.instance, SingletonOutcome::DONE), meaning::none);
  EXPECT_EQ(book.answered({1}, on_a.instance, SingletonOutcome::NOT_TAKEN), meaning::none);
}

TEST(RequestBook, OnlyWhatWasNotTakenGoesToAnother) {
  request_book book{{}};
  book.add({1}, at(5s));
  book.sent({1}, on_a, at(0ms));
  EXPECT_EQ(book.answered({1}, on_a.instance, SingletonOutcome::NOT_TAKEN), meaning::again);
  EXPECT_THAT(book.waiting(), ElementsAre(number(1)));
  book.sent({1}, on_b, at(1ms));
  EXPECT_EQ(book.answered({1}, on_a.instance, SingletonOutcome::UNKNOWN), meaning::none);
  EXPECT_EQ(book.answered({1}, on_b.instance, SingletonOutcome::DONE), meaning::final);
}

TEST(RequestBook, TheDeadlineRejectsWhatNobodyHasAndLeavesTheRestUnknown) {
  request_book book{{}};
  book.add({1}, at(1s));
  book.add({2}, at(1s));
  book.sent({2}, on_a, at(0ms));
  const auto due = book.look(at(1s), on_a);
  EXPECT_THAT(due.rejected, ElementsAre(number(1)));
  EXPECT_THAT(due.unknown, ElementsAre(number(2)));
}

TEST(RequestBook, AsksAgainLessAndLessOften) {
  request_book book{{.retry = 100ms}};
  book.add({1}, at(5s));
  book.sent({1}, on_a, at(0ms));
  EXPECT_THAT(book.look(at(99ms), on_a).resend, IsEmpty());
  EXPECT_THAT(book.look(at(100ms), on_a).resend, ElementsAre(number(1)));
  book.sent({1}, on_a, at(100ms));
  EXPECT_THAT(book.look(at(299ms), on_a).resend, IsEmpty());
  EXPECT_THAT(book.look(at(300ms), on_a).resend, ElementsAre(number(1)));
}

TEST(RequestBook, WhoseHostIsSilentAfterAFailoverIsUnknownSoon) {
  request_book book{{.settle = 500ms}};
  book.add({1}, at(60s));
  book.sent({1}, on_a, at(0ms));
  EXPECT_THAT(book.look(at(10s), on_a).unknown, IsEmpty()) << "no other is live";
  EXPECT_THAT(book.look(at(11s), on_b).unknown, IsEmpty()) << "its host may answer yet";
  EXPECT_THAT(book.look(at(11s + 500ms), on_b).unknown, ElementsAre(number(1)));
}

TEST(RequestBook, IsFullAtItsBound) {
  request_book book{{.requests_max = 1}};
  EXPECT_FALSE(book.full());
  book.add({1}, at(1s));
  EXPECT_TRUE(book.full());
  EXPECT_THAT(book.all(), ElementsAre(std::pair{number(1), false}));
}

}  // namespace
}  // namespace us::singletons
