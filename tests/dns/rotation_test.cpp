// Weights become orders.
#include "runtime/dns/rotation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace us::dns {
namespace {

using testing::ElementsAre;

std::vector<int> firsts(const std::vector<std::vector<std::size_t>>& orders, std::size_t members) {
  std::vector<int> count(members);
  for (const auto& order : orders) ++count[order.front()];
  return count;
}

TEST(Rotation, GivesEachItsTurn) {
  EXPECT_THAT(rotations({1, 1, 1}, 8),
              ElementsAre(ElementsAre(0, 1, 2), ElementsAre(1, 2, 0), ElementsAre(2, 0, 1)));
}

TEST(Rotation, PutsEachFirstAsOftenAsItsWeightSays) {
  const auto orders = rotations({50, 10, 20}, 8);
  EXPECT_EQ(orders.size(), 8u);
  EXPECT_THAT(firsts(orders, 3), ElementsAre(5, 1, 2));
  for (const auto& order : orders) EXPECT_THAT(order, testing::UnorderedElementsAre(0, 1, 2));
}

TEST(Rotation, SpreadsTheTurnsOfTheHeavy) {
  const auto orders = rotations({2, 1}, 1);
  EXPECT_THAT(orders, ElementsAre(ElementsAre(0), ElementsAre(1), ElementsAre(0)));
}

TEST(Rotation, KeepsToTheLimitAndReachesEverybody) {
  const auto orders = rotations(std::vector<std::uint16_t>(40, 1), 3);
  std::set<std::size_t> seen;
  for (const auto& order : orders) {
    EXPECT_EQ(order.size(), 3u);
    EXPECT_EQ(std::set<std::size_t>(order.begin(), order.end()).size(), 3u);
    seen.insert(order.front());
  }
  EXPECT_EQ(seen.size(), 40u);
}

TEST(Rotation, IsBoundedAndNearTheWeightsBeyondThat) {
  const auto orders = rotations({60000, 20001, 20000}, 1);
  EXPECT_EQ(orders.size(), 256u);
  EXPECT_NEAR(firsts(orders, 3)[0], 256 * 0.6, 2);
  EXPECT_LE(rotations(std::vector<std::uint16_t>(1000, 7), 1000).size(), 4u);
}

TEST(Rotation, OfNobodyIsNothing) {
  EXPECT_TRUE(rotations({}, 8).empty());
}

}  // namespace
}  // namespace us::dns
