// Entries synced at intervals (durability = "interval"): who may forget what, and what becomes of
// it.
#include "actors/leader_follower/standing.hpp"
#include "runtime/simulation/gtest.hpp"
#include "runtime/simulation/sim_disk.hpp"
#include "tests/leader_follower/sim_cluster.hpp"

#include <gtest/gtest.h>

#include <set>

namespace us::test {
namespace {

using namespace std::chrono_literals;

constexpr duration interval = 50ms;

class Durability : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(cluster_.wait_for_leader(2s));
    cluster_.start_clients();
    sim().run_for(1s);
  }
  simulation& sim() { return cluster_.sim(); }
  std::vector<std::string> followers() {
    std::vector<std::string> all;
    for (const auto& name : sim().nodes())
      if (name != cluster_.leader()) all.push_back(name);
    return all;
  }
  std::uint64_t reached(rare what) { return sim().probes().of(what); }
  standing standing_of(const std::string& name) {
    auto disk = sim::make_disk_port(std::make_shared<sim::disk_access>(sim().node(name).disk()));
    auto found = load_standing(*disk, "lists/standing");
    if (!found) throw std::runtime_error{found.error().text};
    return *found;
  }
  bool all_count() {
    for (const auto& name : sim().nodes())
      if (!standing_of(name).counts()) return false;
    return true;
  }
  void expect_all_count() {
    EXPECT_TRUE(sim().run_until([&] { return all_count(); }, 5s));
  }

  sim_cluster cluster_{{.seed = test_seed()}, synced_at_intervals(small_segments())};
};

TEST_F(Durability, AProcessThatDiesForgetsNothing) {
  for (const auto& name : sim().nodes()) sim().node(name).kill();
  for (const auto& name : sim().nodes()) sim().node(name).start();
  ASSERT_TRUE(cluster_.wait_for_leader(2s));
  EXPECT_TRUE(all_count());
  EXPECT_EQ(reached(rare::power_lost), 0u);
  cluster_.start_clients();
  sim().run_for(500ms);
  cluster_.finish();
}

TEST_F(Durability, OneThatLosesPowerCountsOnceItHasCaughtUp) {
  const auto away = followers().front();
  sim().node(away).crash();
  sim().run_for(1s);
  sim().node(away).start();
  ASSERT_TRUE(sim().run_until([&] { return reached(rare::admitted) > 0; }, 5s));
  EXPECT_EQ(reached(rare::power_lost), 1u);
  expect_all_count();
  cluster_.start_clients();
  sim().run_for(500ms);
  cluster_.finish();
  EXPECT_FALSE(cluster_.majority_lost_power());
}

TEST_F(Durability, OneThatWasStoppedInOrderIsTrustedAfterAnyPowerLoss) {
  const auto away = followers().front();
  ASSERT_TRUE(sim().node(away).stop());
  EXPECT_EQ(standing_of(away).boot, 0u);
  sim().node(away).disk().lose_unsynced();
  sim().node(away).start();
  sim().run_for(1s);
  EXPECT_EQ(reached(rare::power_lost), 0u);
  EXPECT_TRUE(standing_of(away).counts());
  cluster_.start_clients();
  cluster_.finish();
}

// a leads; its power goes together with that of one follower, which may have held all that the
// third lacks. The two that may have forgotten, and the third: only all of them together elect.
TEST_F(Durability, TooFewSureVotersWaitForAll) {
  const auto third = followers().front();
  sim().node(third).kill();
  sim().run_for(300ms);
  for (const auto& name : sim().nodes())
    if (name != third) sim().node(name).crash();
  for (const auto& name : sim().nodes())
    if (name != third) sim().node(name).start();
  EXPECT_FALSE(cluster_.wait_for_leader(5s)) << "what they have may be less than the third has";
  sim().node(third).start();
  EXPECT_TRUE(cluster_.wait_for_leader(5s));
  EXPECT_TRUE(cluster_.majority_lost_power());
  expect_all_count();
  cluster_.start_clients();
  sim().run_for(500ms);
  cluster_.finish();
}

// All lose power at once. What was acknowledged an interval and a sync before is there.
TEST_F(Durability, AllAtOnceLoseNoMoreThanAnInterval) {
  const auto at = sim().now();
  for (const auto& name : sim().nodes()) sim().node(name).crash();
  for (const auto& name : sim().nodes()) sim().node(name).start();
  ASSERT_TRUE(cluster_.wait_for_leader(5s));
  EXPECT_TRUE(cluster_.majority_lost_power());
  expect_all_count();
  cluster_.start_clients();
  sim().run_for(500ms);
  cluster_.finish();
  std::set<std::uint64_t> kept;
  for (const auto& [list, items] : cluster_.final_records())
    kept.insert(items.begin(), items.end());
  std::size_t early = 0;
  for (const auto& o : cluster_.work().history.operations()) {
    const bool appended = o.item != 0 && o.outcome == outcome_kind::done && !o.seen.empty() &&
                          o.seen.back() == o.item;
    if (!appended || *o.ended > at - interval - 10ms) continue;
    ++early;
    EXPECT_TRUE(kept.contains(o.item)) << o.key << ": item " << o.item;
  }
  EXPECT_GT(early, 10u);
}

}  // namespace
}  // namespace us::test
