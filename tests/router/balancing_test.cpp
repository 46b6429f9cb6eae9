#include "actors/router/balancing.hpp"
#include "actors/router/hash_ring.hpp"
#include "messages/ids.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace us {
namespace {

std::vector<candidate> loads(std::vector<std::size_t> in_flight) {
  std::vector<candidate> all;
  for (std::size_t i = 0; i < in_flight.size(); ++i) all.push_back({i, in_flight[i], 1});
  return all;
}

std::vector<std::size_t> turns(const std::vector<candidate>& among, int count) {
  std::vector<double> credit;
  std::vector<std::size_t> chosen;
  for (int i = 0; i < count; ++i) chosen.push_back(choose_in_turn(among, credit));
  return chosen;
}

TEST(RoundRobin, TakesTurns) {
  EXPECT_EQ(turns(loads({0, 0, 0}), 6), (std::vector<std::size_t>{0, 1, 2, 0, 1, 2}));
}

TEST(RoundRobin, GivesEachItsWeightAndSpreadsIt) {
  std::vector<candidate> among{{0, 0, 1}, {1, 0, 0.25}, {2, 0, 0.25}};
  EXPECT_EQ(turns(among, 6), (std::vector<std::size_t>{0, 0, 1, 0, 2, 0}));
}

TEST(RoundRobin, KeepsCreditByTargetWhenOthersLeave) {
  std::vector<double> credit;
  const std::vector<candidate> all = loads({0, 0, 0});
  EXPECT_EQ(choose_in_turn(all, credit), 0u);
  const std::vector<candidate> left{{0, 0, 1}, {2, 0, 1}};
  // What 0 had before the others' turn is still to be made up for.
  EXPECT_EQ(choose_in_turn(left, credit), 1u);
  EXPECT_EQ(choose_in_turn(left, credit), 1u);
  EXPECT_EQ(choose_in_turn(left, credit), 0u);
}

TEST(LeastInFlight, ChoosesTheLeastLoaded) {
  EXPECT_EQ(choose_least_in_flight(loads({3, 1, 2}), 0), 1u);
}

TEST(LeastInFlight, TakesTurnsAmongEquals) {
  const auto equal = loads({1, 1, 1});
  EXPECT_EQ(choose_least_in_flight(equal, 0), 0u);
  EXPECT_EQ(choose_least_in_flight(equal, 1), 1u);
  EXPECT_EQ(choose_least_in_flight(equal, 5), 2u);
}

TEST(LeastInFlight, CountsAHalfWeightTwice) {
  EXPECT_EQ(choose_least_in_flight(std::vector<candidate>{{0, 1, 0.5}, {1, 2, 1}}, 0), 1u);
}

TEST(TwoChoices, TakesTheLessLoadedOfTheTwo) {
  // Low half: the first; high half: which of the others.
  EXPECT_EQ(choose_of_two(loads({5, 1, 0}), (std::uint64_t{0} << 32) | 0), 1u);  // 0 and 1
  EXPECT_EQ(choose_of_two(loads({5, 1, 9}), (std::uint64_t{1} << 32) | 0), 0u);  // 0 and 2
  EXPECT_EQ(choose_of_two(loads({5, 1, 9}), (std::uint64_t{1} << 32) | 1), 1u);  // 1 and 2
}

TEST(TwoChoices, NeverComparesOneWithItself) {
  const auto two = loads({9, 0});
  for (std::uint64_t chance = 0; chance < 8; ++chance)
    EXPECT_EQ(choose_of_two(two, chance | chance << 32), 1u);
  EXPECT_EQ(choose_of_two(loads({7}), 12345), 0u);
}

class Ring : public testing::Test {
 protected:
  const std::vector<std::string> names{"a", "b", "c", "d"};
  hash_ring ring{names};

  std::map<std::size_t, int> spread(const std::vector<candidate>& among) const {
    std::map<std::size_t, int> counts;
    for (int key = 0; key < 4000; ++key)
      ++counts[among[ring.choose(among, hash_ring::place_of(std::to_string(key)), 0)].target];
    return counts;
  }
};

TEST_F(Ring, SpreadsKeysOverAllNodes) {
  for (const auto& [target, count] : spread(loads({0, 0, 0, 0}))) {
    EXPECT_GT(count, 600) << names[target];
    EXPECT_LT(count, 1500) << names[target];
  }
}

TEST_F(Ring, MovesOnlyTheKeysOfANodeThatGoes) {
  const auto all = loads({0, 0, 0, 0});
  const std::vector<candidate> without{{0, 0, 1}, {1, 0, 1}, {3, 0, 1}};
  for (int key = 0; key < 1000; ++key) {
    const auto place = hash_ring::place_of(std::to_string(key));
    const auto before = all[ring.choose(all, place, 0)].target;
    const auto after = without[ring.choose(without, place, 0)].target;
    if (before == 2) continue;
    EXPECT_EQ(before, after) << key;
  }
  EXPECT_EQ(spread(without).size(), 3u);
}

TEST_F(Ring, BoundsTheLoadOfAHotKey) {
  auto all = loads({0, 0, 0, 0});
  const auto hot = hash_ring::place_of("hot");
  for (int i = 0; i < 100; ++i) ++all[ring.choose(all, hot, 1.25)].in_flight;
  for (const auto& each : all) EXPECT_LE(each.in_flight, 32u);  // 1.25 * 100 / 4, rounded up
  EXPECT_EQ(all[ring.choose(all, hot, 0)].in_flight, 32u) << "its owner is as full as it may be";
}

TEST_F(Ring, IsTheSameInEveryProcess) {
  EXPECT_EQ(hash_ring::place_of("hot"), node_id_of("hot").value);
}

}  // namespace
}  // namespace us
