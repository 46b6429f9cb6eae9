#include "actors/singleton/execution_book.hpp"

#include <gtest/gtest.h>

namespace us::singletons {
namespace {

using standing = execution_book::standing;
using message::SingletonOutcome;

request_id id(std::uint64_t sequence, std::uint64_t origin = 7) {
  return {{{1}, origin}, {sequence}};
}

TEST(ExecutionBook, ARequestIsFreshOnceThenUnderWayThenEnded) {
  execution_book book;
  ASSERT_EQ(book.look(id(1), {1}), standing::fresh);
  book.begin(id(1));
  EXPECT_EQ(book.look(id(1), {1}), standing::under_way);
  EXPECT_EQ(book.find(id(1)), nullptr);
  EXPECT_TRUE(book.end(id(1), {.reply = "abc"}));
  ASSERT_EQ(book.look(id(1), {1}), standing::ended);
  EXPECT_EQ(book.find(id(1))->reply, "abc");
}

TEST(ExecutionBook, EndsARequestOnce) {
  execution_book book;
  (void)book.look(id(1), {1});
  book.begin(id(1));
  EXPECT_TRUE(book.end(id(1), {.reply = "first"}));
  EXPECT_FALSE(book.end(id(1), {.reply = "second"}));
  EXPECT_FALSE(book.end(id(2), {})) << "never begun";
  EXPECT_EQ(book.find(id(1))->reply, "first");
}

TEST(ExecutionBook, WhatTheOriginHasTheOutcomeOfIsLateAndForgotten) {
  execution_book book;
  for (std::uint64_t i = 1; i <= 3; ++i) {
    (void)book.look(id(i), {1});
    book.begin(id(i));
    book.end(id(i), {.reply = "1234"});
  }
  EXPECT_EQ(book.bytes(), 12u);
  EXPECT_EQ(book.look(id(4), {3}), standing::fresh);
  EXPECT_EQ(book.bytes(), 4u);
  EXPECT_EQ(book.look(id(2), {1}), standing::late) << "an old copy does not open it again";
  EXPECT_EQ(book.look(id(3), {1}), standing::ended);
}

TEST(ExecutionBook, OriginsDoNotShareSequences) {
  execution_book book;
  (void)book.look(id(1, 7), {1});
  book.begin(id(1, 7));
  EXPECT_EQ(book.look(id(1, 8), {1}), standing::fresh) << "the proxy of a restarted node";
}

TEST(ExecutionBook, TakesNothingInBeyondItsBounds) {
  execution_book book{{.origins_max = 1, .requests_max = 2, .bytes_max = 100}};
  for (std::uint64_t i = 1; i <= 2; ++i) {
    (void)book.look(id(i), {1});
    book.begin(id(i));
  }
  EXPECT_EQ(book.look(id(3), {1}), standing::full);
  EXPECT_EQ(book.look(id(1, 8), {1}), standing::full);
  EXPECT_EQ(book.look(id(3), {2}), standing::fresh) << "the first is done with";
}

TEST(ExecutionBook, AnAnswerThatDoesNotFitIsUnknownToACopy) {
  execution_book book{{.bytes_max = 5}};
  (void)book.look(id(1), {1});
  book.begin(id(1));
  EXPECT_TRUE(book.end(id(1), {.reply = "123456"}));
  EXPECT_EQ(book.find(id(1))->outcome, SingletonOutcome::UNKNOWN);
  EXPECT_EQ(book.bytes(), 0u);
}

}  // namespace
}  // namespace us::singletons
