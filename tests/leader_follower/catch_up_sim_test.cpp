// Catching up by snapshot, and disks that are lost or damaged, step by step.
#include "actors/leader_follower/standing.hpp"
#include "runtime/simulation/gtest.hpp"
#include "runtime/simulation/sim_disk.hpp"
#include "tests/leader_follower/sim_cluster.hpp"

#include <gtest/gtest.h>

namespace us::test {
namespace {

using namespace std::chrono_literals;

class CatchUp : public testing::Test {
 protected:
  explicit CatchUp(group_limits limits = tiny_snapshots())
      : cluster_({.seed = test_seed()}, limits) {}

  void SetUp() override {
    ASSERT_TRUE(cluster_.wait_for_leader(2s));
    cluster_.start_clients();
    cluster_.sim().run_for(1s);
  }
  std::string a_follower() const { return cluster_.leader() == "a" ? "b" : "a"; }
  std::uint64_t reached(rare what) { return cluster_.sim().probes().of(what); }
  bool votes(const std::string& name) {
    auto disk =
        sim::make_disk_port(std::make_shared<sim::disk_access>(cluster_.sim().node(name).disk()));
    auto found = load_standing(*disk, "lists/standing");
    return found && found->counts();
  }
  std::vector<std::string> files(const std::string& name, const std::string& directory) {
    auto disk =
        sim::make_disk_port(std::make_shared<sim::disk_access>(cluster_.sim().node(name).disk()));
    return *disk->list(directory);
  }
  /// Until `what` was reached, or fails.
  void until(rare what, duration limit = 10s) {
    ASSERT_TRUE(cluster_.sim().run_until([&] { return reached(what) > 0; }, limit))
        << to_string(what) << " was not reached";
  }

  sim_cluster cluster_;
};

// A follower is away while the log is cut; it comes back and is sent a snapshot.
TEST_F(CatchUp, BySnapshotWhenTheLogNoLongerReachesBack) {
  const auto away = a_follower();
  cluster_.sim().node(away).crash();
  cluster_.sim().run_for(8s);
  cluster_.sim().node(away).start();
  until(rare::snapshot_installed);
  cluster_.start_clients();
  cluster_.sim().run_for(1s);
  cluster_.finish();
}

// The same, and both sides lose power again and again while it is sent.
TEST_F(CatchUp, GoesOnAfterEitherSideCrashed) {
  const auto away = a_follower();
  cluster_.sim().node(away).crash();
  cluster_.sim().run_for(8s);
  cluster_.sim().node(away).start();
  for (int i = 0; i < 6; ++i) {
    cluster_.sim().run_for(40ms);
    const auto leads = cluster_.cluster().newest_leadership()->node;
    cluster_.sim().node(i % 2 == 0 ? away : leads).restart();
  }
  until(rare::snapshot_installed, 20s);
  cluster_.heal_and_expect_life();
  cluster_.finish();
}

// A node comes back with an empty disk: it votes for nobody until it has caught up.
TEST_F(CatchUp, AnEmptyDirectoryVotesOnlyOnceItHasCaughtUp) {
  const auto lost = a_follower();
  cluster_.sim().node(lost).restart_empty();
  until(rare::disk_lost);
  EXPECT_FALSE(votes(lost));
  until(rare::admitted);
  EXPECT_TRUE(votes(lost));
  cluster_.start_clients();
  cluster_.sim().run_for(1s);
  cluster_.finish();
}

// One disk is lost, and the only other node that knows all that was acknowledged is down: the
// two that are left, one of them empty, elect nobody.
TEST_F(CatchUp, AnEmptyDirectoryAndAStaleReplicaElectNobody) {
  const auto leader = cluster_.leader();
  const auto lost = a_follower();
  std::string stale;
  for (const auto& name : cluster_.sim().nodes())
    if (name != leader && name != lost) stale = name;
  cluster_.sim().network().isolate_for({stale}, 3s);
  cluster_.sim().run_for(2s);  // what is acknowledged now, the stale one does not have
  cluster_.sim().node(leader).crash();
  cluster_.sim().node(lost).restart_empty();
  const auto before = cluster_.leader_epoch();
  cluster_.sim().run_for(8s);
  EXPECT_EQ(cluster_.leader_epoch(), before) << "a leader without acknowledged entries";
  cluster_.sim().node(leader).start();
  until(rare::admitted);
  cluster_.heal_and_expect_life();
  cluster_.finish();
}

// A bit of the log flips on the disk while the node is down.
TEST_F(CatchUp, ADamagedLogIsSetAsideAndRebuilt) {
  const auto hurt = a_follower();
  auto& node = cluster_.sim().node(hurt);
  cluster_.sim().run_for(3s);
  node.crash();
  const auto log = files(hurt, "lists/log");
  ASSERT_FALSE(log.empty());
  ASSERT_TRUE(node.disk().damage("lists/log/" + log.front(), 200));
  node.start();
  until(rare::data_damaged);
  EXPECT_FALSE(files(hurt, "lists/log.damaged").empty());
  until(rare::admitted);
  EXPECT_TRUE(votes(hurt));
  cluster_.start_clients();
  cluster_.sim().run_for(1s);
  cluster_.finish();
}

// The newest snapshot is damaged: the one before it and the log serve, or the others do.
TEST_F(CatchUp, ADamagedSnapshotIsLeftOut) {
  const auto hurt = a_follower();
  auto& node = cluster_.sim().node(hurt);
  cluster_.sim().run_for(3s);
  node.crash();
  std::string newest;
  for (const auto& name : files(hurt, "lists/snapshots"))
    if (name.ends_with(".snapshot")) newest = name;
  ASSERT_FALSE(newest.empty());
  ASSERT_TRUE(node.disk().damage("lists/snapshots/" + newest, 70));
  node.start();
  until(rare::snapshot_damaged);
  cluster_.heal_and_expect_life();
  cluster_.finish();
}

// A first start without one of the members waits for it.
TEST(Founding, WaitsForEveryMember) {
  sim_cluster cluster{{.seed = test_seed()}};
  cluster.sim().node("c").kill();
  EXPECT_FALSE(cluster.wait_for_leader(3s));
  cluster.sim().node("c").start();
  EXPECT_TRUE(cluster.wait_for_leader(2s));
  cluster.start_clients();
  cluster.sim().run_for(500ms);
  cluster.finish();
}

}  // namespace
}  // namespace us::test
