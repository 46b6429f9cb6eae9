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

}  // namespace
}  // namespace us::rules
