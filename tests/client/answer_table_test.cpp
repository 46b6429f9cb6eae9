#include "actors/client/answer_table.hpp"

#include <gtest/gtest.h>

namespace us {
namespace {

using standing = answer_table::standing;

answer_table::answer reply(std::string text) {
  return {message::Outcome::DONE, message::Reason::NONE, {}, std::move(text)};
}

TEST(AnswerTable, KeepsAnAnswerUntilItsClientHasIt) {
  answer_table table{100};
  const auto session = table.open();
  EXPECT_EQ(table.look(session, {1}), standing::fresh);
  table.end(session, {1}, reply("one"));
  EXPECT_EQ(table.look(session, {1}), standing::answered);
  EXPECT_EQ(table.find(session, {1})->reply, "one");
  table.advance(session, {2});
  EXPECT_EQ(table.look(session, {1}), standing::late);
  EXPECT_EQ(table.find(session, {1}), nullptr);
  EXPECT_EQ(table.bytes(), 0u);
}

TEST(AnswerTable, KnowsWhatIsUnderWay) {
  answer_table table{100};
  const auto session = table.open();
  table.begin(session, {1});
  EXPECT_EQ(table.look(session, {1}), standing::under_way);
  EXPECT_EQ(table.find(session, {1}), nullptr);
  table.drop(session, {1});
  EXPECT_EQ(table.look(session, {1}), standing::fresh);
  EXPECT_EQ(table.bytes(), 0u);
}

TEST(AnswerTable, RefusesSessionsThatItDidNotOpen) {
  answer_table table{100};
  EXPECT_EQ(table.look({7}, {1}), standing::no_session);
  table.end({7}, {1}, reply("x"));
  EXPECT_EQ(table.sessions(), 0u);
}

TEST(AnswerTable, ForgetsTheSessionUsedLongestAgo) {
  answer_table table{100, {.sessions_max = 2}};
  const auto one = table.open();
  const auto two = table.open();
  table.advance(one, {1});
  const auto three = table.open();
  EXPECT_TRUE(table.knows(one));
  EXPECT_FALSE(table.knows(two));
  EXPECT_TRUE(table.knows(three));
}

TEST(AnswerTable, ForgetsWholeSessionsForWantOfRoom) {
  answer_table table{100, {.bytes_max = 1000}};
  const auto one = table.open();
  const auto two = table.open();
  table.end(one, {1}, reply(std::string(400, 'x')));
  table.end(two, {1}, reply(std::string(400, 'x')));
  EXPECT_FALSE(table.knows(one)) << "better refused than executed twice";
  EXPECT_TRUE(table.knows(two));
  table.end(two, {2}, reply(std::string(900, 'x')));
  EXPECT_FALSE(table.knows(two));
  EXPECT_EQ(table.bytes(), 0u);
}

TEST(AnswerTable, BoundsTheRequestsOfASession) {
  answer_table table{100, {.requests_max = 2}};
  const auto session = table.open();
  table.begin(session, {1});
  table.begin(session, {2});
  EXPECT_EQ(table.look(session, {3}), standing::crowded);
  EXPECT_EQ(table.look(session, {2}), standing::under_way);
}

TEST(AnswerTable, NeverGivesOutSessionZero) {
  answer_table table{0};
  EXPECT_FALSE(table.open().none());
}

}  // namespace
}  // namespace us
