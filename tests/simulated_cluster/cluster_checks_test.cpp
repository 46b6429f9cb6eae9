// The checks among replicas notice what they are for.
#include "actors/simulation/cluster_checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace us {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

struct fake_replica final : inspected {
  replica_view now{"s", "follower", {1}, {}, {0}, {0}, {0}};
  std::uint64_t digest = 7;

  replica_view view() const override { return now; }
  void check_invariants() const override {}
  std::optional<std::uint64_t> entry_digest(log_index index) const override {
    return digest + index.value;
  }
  std::uint64_t state_digest() const override { return 0; }
};

TEST(ClusterChecks, AllowOneLeaderPerEpoch) {
  cluster_checks checks{600ms};
  fake_replica leader;
  leader.now.role = "leader";
  EXPECT_EQ(checks.look("a", 1, leader, 0ms), std::nullopt);
  EXPECT_THAT(checks.look("b", 1, leader, 0ms).value_or(""), HasSubstr("epoch 1 has two leaders"));
  leader.now.epoch = {2};
  EXPECT_EQ(checks.look("c", 1, leader, 0ms), std::nullopt);
  EXPECT_EQ(checks.newest("s")->node, "c");
}

TEST(ClusterChecks, SeeTheEpochOrTheCommitGoBack) {
  cluster_checks checks{600ms};
  fake_replica replica;
  replica.now.epoch = {3};
  replica.now.commit = {5};
  EXPECT_EQ(checks.look("a", 1, replica, 0ms), std::nullopt);
  replica.now.commit = {4};
  EXPECT_THAT(checks.look("a", 1, replica, 0ms).value_or(""),
              HasSubstr("commit went back from 5 to 4"));
  replica.now.epoch = {2};
  EXPECT_THAT(checks.look("a", 1, replica, 0ms).value_or(""),
              HasSubstr("epoch went back from 3 to 2"));
  EXPECT_EQ(checks.look("a", 2, replica, 0ms), std::nullopt) << "its node was started again";
  replica.now.epoch = {1};
  replica.now.opened = time_point{std::chrono::seconds{1}};
  EXPECT_EQ(checks.look("a", 2, replica, 0ms), std::nullopt) << "the replica was";
}

TEST(ClusterChecks, SeeTwoReplicasCommitDifferentEntries) {
  cluster_checks checks{600ms};
  fake_replica one, other;
  ASSERT_EQ(checks.look("a", 1, one, 0ms), std::nullopt);
  ASSERT_EQ(checks.look("b", 1, other, 0ms), std::nullopt);
  one.now.commit = {2};
  ASSERT_EQ(checks.look("a", 1, one, 0ms), std::nullopt);
  EXPECT_EQ(checks.committed("s"), log_index{2});
  other.now.commit = {2};
  other.digest = 8;
  EXPECT_THAT(checks.look("b", 1, other, 0ms).value_or(""),
              HasSubstr("entry 1 is not what another"));
}

// What it was not scheduled for is not its fault.
TEST(ClusterChecks, SeeALeaderThatDoesNotLetGo) {
  cluster_checks checks{600ms};
  fake_replica former, newer;
  former.now.role = newer.now.role = "leader";
  newer.now.epoch = {2};
  ASSERT_EQ(checks.look("a", 1, former, 0ms), std::nullopt);
  ASSERT_EQ(checks.look("b", 1, newer, 10s), std::nullopt);
  for (auto at = 10'000ms; at <= 10'500ms; at += 20ms)
    ASSERT_EQ(checks.look("a", 1, former, at), std::nullopt) << at.count();
  EXPECT_EQ(checks.look("a", 1, former, 20s), std::nullopt) << "it was stopped for ten seconds";
  EXPECT_THAT(checks.look("a", 1, former, 20'020ms).value_or(""),
              HasSubstr("leads epoch 1 still, while b leads epoch 2"));
}

// a has committed one entry and b three, which b alone still had; then b starts again without them.
TEST(ClusterChecks, ForgetOnlyWhatNobodyHasOnceALeaderSaysThatItMayBeLost) {
  cluster_checks checks{600ms};
  fake_replica a, b;
  ASSERT_EQ(checks.look("a", 1, a, 0ms), std::nullopt);
  ASSERT_EQ(checks.look("b", 1, b, 0ms), std::nullopt);
  a.now.commit = {1};
  ASSERT_EQ(checks.look("a", 1, a, 0ms), std::nullopt);
  b.now.commit = {3};
  ASSERT_EQ(checks.look("b", 1, b, 0ms), std::nullopt);
  b.now.commit = {0};
  ASSERT_EQ(checks.look("b", 2, b, 0ms), std::nullopt);
  b.now.role = "leader";
  b.now.epoch = {2};
  b.now.elected_after_loss = true;
  ASSERT_EQ(checks.look("b", 2, b, 0ms), std::nullopt);
  EXPECT_EQ(checks.committed("s"), log_index{1});
  b.digest = 9;
  b.now.commit = {1};
  EXPECT_THAT(checks.look("b", 2, b, 0ms).value_or(""), HasSubstr("entry 1 is not what another"))
      << "a has it";
  b.now.commit = {2};
  EXPECT_EQ(checks.look("b", 2, b, 0ms), std::nullopt);
}

TEST(ClusterChecks, KeepServicesApart) {
  cluster_checks checks{600ms};
  fake_replica leader;
  leader.now.role = "leader";
  EXPECT_EQ(checks.look("a", 1, leader, 0ms), std::nullopt);
  leader.now.service = "t";
  EXPECT_EQ(checks.look("b", 1, leader, 0ms), std::nullopt);
  EXPECT_EQ(checks.newest("s")->node, "a");
  EXPECT_EQ(checks.newest("u"), std::nullopt);
}

}  // namespace
}  // namespace us
