#include "actors/router/targets.hpp"

#include <gtest/gtest.h>

#include <set>

namespace us {
namespace {

using namespace std::chrono_literals;
using tier = target_table::tier;

constexpr time_point start{1h};

class counting final : public random_source {
 public:
  std::uint64_t next() override { return (value_ += 0x9e3779b97f4a7c15) >> 7; }

 private:
  std::uint64_t value_ = 0;
};

class Targets : public testing::Test {
 protected:
  health_rules health{.failures_max = 2};
  target_table table{{{{1}, "a"}, {{2}, "b"}, {{3}, "c"}}, {}, health};
  counting random;

  Targets() {
    for (std::size_t i = 0; i < table.size(); ++i) {
      table[i].session = {i + 1};
      table[i].known = true;
    }
  }

  std::set<std::size_t> chosen(const target_table::excluded& not_these = {},
                               tier least = tier::any) {
    std::set<std::size_t> all;
    for (int i = 0; i < 50; ++i)
      if (auto at = table.choose(0, start, random, not_these, least)) all.insert(*at);
    return all;
  }
  using set = std::set<std::size_t>;
};

TEST_F(Targets, AreAllChosenWhenWell) {
  EXPECT_EQ(chosen(), (set{0, 1, 2}));
}

TEST_F(Targets, ThatAreDownOrEjectedOrDrainAreNot) {
  table[0].health.suspect();
  EXPECT_EQ(chosen(), (set{1, 2}));
  table[1].draining = true;
  EXPECT_EQ(chosen(), (set{2}));
}

TEST_F(Targets, AreEjectedAfterFailuresInARowButNeverTooMany) {
  EXPECT_FALSE(table.failed(0, start));
  EXPECT_TRUE(table.failed(0, start));
  EXPECT_EQ(chosen(), (set{1, 2}));
  EXPECT_FALSE(table.failed(1, start));
  EXPECT_FALSE(table.failed(1, start)) << "two of three would be more than half";
  EXPECT_EQ(chosen(), (set{1, 2}));
}

TEST_F(Targets, AreAllUsedWhenNoneIsWell) {
  for (std::size_t i = 0; i < 3; ++i) table[i].health.suspect();
  EXPECT_EQ(chosen(), (set{0, 1, 2}));
  EXPECT_EQ(chosen({}, tier::well), (set{}));
  const auto not_first = [](std::size_t at) { return at == 0; };
  EXPECT_EQ(chosen(not_first), (set{1, 2}));
}

// What an earlier choice could take must not be taken by a later one that may not.
TEST_F(Targets, OfAnEarlierChoiceAreForgotten) {
  EXPECT_EQ(chosen(), (set{0, 1, 2}));
  for (std::size_t i = 0; i < 3; ++i) table[i].health.suspect();
  EXPECT_EQ(chosen([](std::size_t) { return true; }), (set{}));
}

TEST_F(Targets, ThatDrainAreTheLastResort) {
  for (std::size_t i = 0; i < 3; ++i) table[i].draining = true;
  EXPECT_EQ(chosen(), (set{0, 1, 2}));
  table[0].draining = false;
  table[0].health.suspect();
  EXPECT_EQ(chosen(), (set{0}));
}

TEST_F(Targets, WithoutASessionCannotBeSentTo) {
  for (std::size_t i = 0; i < 3; ++i) table[i].session = {};
  EXPECT_EQ(chosen(), (set{}));
}

TEST_F(Targets, AreFoundByTheirNode) {
  EXPECT_EQ(table.find({2}), 1u);
  EXPECT_EQ(table.find({9}), std::nullopt);
}

}  // namespace
}  // namespace us
