// Leaders of partitions are spread over the nodes, and move no more than that takes.
#include "actors/simulation/gtest.hpp"
#include "apps/counter/counter_service.hpp"

#include <map>

namespace us {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t partitions = 8;

simulated_cluster eight_on_three() {
  return simulated_cluster{{.seed = test_seed(), .partitions = partitions}, counter_service()};
}

std::map<std::string, int> led(const simulated_cluster& cluster) {
  std::map<std::string, int> count;
  for (std::uint32_t i = 0; i < partitions; ++i) ++count[cluster.leader(i)];
  return count;
}

/// 3, 3 and 2.
bool balanced(const simulated_cluster& cluster) {
  const auto count = led(cluster);
  if (count.size() != 3 || count.contains("")) return false;
  return std::ranges::all_of(count, [](const auto& each) { return each.second >= 2; });
}

std::vector<epoch> epochs(const simulated_cluster& cluster) {
  std::vector<epoch> all;
  for (std::uint32_t i = 0; i < partitions; ++i) all.push_back(cluster.newest_leadership(i)->epoch);
  return all;
}

TEST(Balance, IsThereAfterTheFirstStartAndThenNothingMoves) {
  auto cluster = eight_on_three();
  ASSERT_TRUE(cluster.elects_leader());
  EXPECT_TRUE(balanced(cluster)) << "the first elections bring it";
  const auto before = epochs(cluster);
  cluster.advance(2min);
  EXPECT_EQ(epochs(cluster), before);
}

TEST(Balance, ComesBackWhenANodeDoes) {
  auto cluster = eight_on_three();
  ASSERT_TRUE(cluster.elects_leader());
  cluster.advance(1s);
  cluster.node("b").crash();
  cluster.advance(5s);
  EXPECT_EQ(led(cluster).size(), 2u) << "b leads nothing";
  cluster.node("b").start();
  EXPECT_TRUE(cluster.advance_until([&] { return balanced(cluster); }, 30s));
  cluster.advance(10s);
  EXPECT_TRUE(balanced(cluster));
  const auto before = epochs(cluster);
  cluster.advance(2min);
  EXPECT_EQ(epochs(cluster), before);
}

// A node that comes and goes is not waited for: leaders stay where they are.
TEST(Balance, IsNotSoughtWithANodeThatDoesNotStay) {
  auto cluster = eight_on_three();
  ASSERT_TRUE(cluster.elects_leader());
  cluster.advance(1s);
  cluster.node("b").crash();
  cluster.advance(10s);
  const auto before = epochs(cluster);
  for (int i = 0; i < 10; ++i) {
    cluster.node("b").start();
    cluster.advance(1s);
    cluster.node("b").crash();
    cluster.advance(1s);
  }
  EXPECT_EQ(epochs(cluster), before);
}

TEST(Balance, LeavesALeaderThatAnOperatorChose) {
  auto cluster = eight_on_three();
  ASSERT_TRUE(cluster.elects_leader());
  cluster.advance(1s);
  const auto usual = cluster.leader(4);
  const std::string chosen = usual == "a" ? "b" : "a";
  cluster.ask_to_lead(chosen, 4);
  ASSERT_TRUE(cluster.advance_until([&] { return cluster.leader(4) == chosen; }, 5s));
  cluster.advance(1min);
  EXPECT_EQ(cluster.leader(4), chosen);
  cluster.node(chosen).crash();
  cluster.advance(2s);
  cluster.node(chosen).start();
  EXPECT_TRUE(cluster.advance_until([&] { return cluster.leader(4) == usual; }, 30s))
      << "until it goes";
}

}  // namespace
}  // namespace us
