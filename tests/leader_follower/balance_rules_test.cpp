// Who should lead which partition.
#include "actors/leader_follower/balance_rules.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>

namespace us::rules {
namespace {

std::vector<node_id> nodes(std::size_t count) {
  std::vector<node_id> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back({100 - i});
  return all;
}

std::map<node_id, int> led(std::uint32_t partitions, const std::vector<node_id>& voters,
                           const std::function<bool(node_id)>& fit) {
  std::map<node_id, int> count;
  for (std::uint32_t i = 0; i < partitions; ++i) ++count[preferred_leader(i, voters, fit)];
  return count;
}

int spread(const std::map<node_id, int>& count, std::size_t living) {
  int least = count.size() < living ? 0 : INT32_MAX;
  int most = 0;
  for (const auto& [node, led] : count) {
    least = std::min(least, led);
    most = std::max(most, led);
  }
  return most - least;
}

TEST(LeaderOrder, HasEveryVoterOnceAndDoesNotDependOnTheirOrder) {
  auto voters = nodes(5);
  for (std::uint32_t partition = 0; partition < 200; ++partition) {
    const auto order = leader_order(partition, voters);
    EXPECT_THAT(order, testing::UnorderedElementsAreArray(voters));
    std::ranges::reverse(voters);
    EXPECT_EQ(leader_order(partition, voters), order);
  }
}

TEST(PreferredLeader, LeadersAreWithinOneOfEvenWhileAllLive) {
  const auto all = [](node_id) { return true; };
  for (const std::size_t count : {1u, 2u, 3u, 5u, 7u})
    for (const std::uint32_t partitions : {1u, 2u, 8u, 32u, 100u})
      EXPECT_LE(spread(led(partitions, nodes(count), all), count), 1)
          << count << " nodes, " << partitions << " partitions";
}

TEST(PreferredLeader, ThoseOfANodeThatIsGoneAreSpreadOverTheOthers) {
  for (const auto gone : nodes(3)) {
    const auto living = [gone](node_id node) { return node != gone; };
    const auto count = led(36, nodes(3), living);
    EXPECT_EQ(count.size(), 2u);
    for (const auto& [node, led] : count) EXPECT_EQ(led, 18);
    // The others' own stay where they are.
    for (std::uint32_t i = 0; i < 36; ++i) {
      const auto before = preferred_leader(i, nodes(3), [](node_id) { return true; });
      if (before == gone) continue;
      EXPECT_EQ(preferred_leader(i, nodes(3), living), before);
    }
  }
}

TEST(PreferredLeader, IsNobodyWhenNobodyIsFit) {
  EXPECT_TRUE(preferred_leader(3, nodes(3), [](node_id) { return false; }).none());
  EXPECT_TRUE(preferred_leader(3, {}, [](node_id) { return true; }).none());
}

TEST(LeaderOrder, HasThoseOfHigherPriorityFirstAndThoseOfPriorityZeroNever) {
  const priorities given{{{97}, 0}, {{98}, 7}, {{100}, 3}};  // 96 and 99 have the usual one
  for (std::uint32_t partition = 0; partition < 50; ++partition) {
    const auto order = leader_order(partition, nodes(5), given);
    ASSERT_EQ(order.size(), 4u);
    EXPECT_EQ(order[0], node_id{98});
    EXPECT_EQ(order[1], node_id{100});
    EXPECT_EQ(order[2], node_id{partition % 2 == 0 ? 96u : 99u});
  }
}

TEST(LeaderOrder, IsTheUsualOneWhenAllPrioritiesAreEqual) {
  const priorities given{{{98}, 7}, {{99}, 7}, {{100}, 7}};
  for (std::uint32_t partition = 0; partition < 50; ++partition)
    EXPECT_EQ(leader_order(partition, nodes(3), given), leader_order(partition, nodes(3)));
}

TEST(PreferredLeader, IsSpreadOverThoseOfTheHighestPriorityThatLive) {
  const priorities given{{{97}, 0}, {{99}, 7}, {{100}, 7}};
  const auto all = [](node_id) { return true; };
  EXPECT_EQ(led(36, nodes(4), all).size(), 4u);
  const auto count = [&](const std::function<bool(node_id)>& fit) {
    std::map<node_id, int> led;
    for (std::uint32_t i = 0; i < 36; ++i) ++led[preferred_leader(i, nodes(4), fit, given)];
    return led;
  };
  EXPECT_EQ(count(all), (std::map<node_id, int>{{{99}, 18}, {{100}, 18}}));
  EXPECT_EQ(count([](node_id node) { return node != node_id{99}; }),
            (std::map<node_id, int>{{{100}, 36}}));
  EXPECT_EQ(count([](node_id node) { return node.value < 99; }),
            (std::map<node_id, int>{{{98}, 36}}));
  EXPECT_EQ(count([](node_id node) { return node.value < 98; }),
            (std::map<node_id, int>{{{}, 36}}));
}

TEST(Outranked, ByOneOfHigherPriorityThatIsUp) {
  const priorities given{{{98}, 7}, {{100}, 3}};
  const auto up = [](node_id node) { return node != node_id{98}; };
  EXPECT_TRUE(outranked({99}, nodes(3), up, given));
  EXPECT_FALSE(outranked({100}, nodes(3), up, given)) << "98 is down";
  EXPECT_TRUE(outranked(
      {100}, nodes(3), [](node_id) { return true; }, given));
  EXPECT_FALSE(outranked({99}, nodes(3), [](node_id) { return true; }, {}));
}

}  // namespace
}  // namespace us::rules
