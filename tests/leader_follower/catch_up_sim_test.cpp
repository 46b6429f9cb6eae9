// Catching up by snapshot, and disks that are lost or damaged, step by step.
#include "actors/leader_follower/standing.hpp"
#include "runtime/log/segment_files.hpp"
#include "runtime/simulation/gtest.hpp"
#include "runtime/simulation/sim_disk.hpp"
#include "runtime/state/snapshot_files.hpp"
#include "tests/leader_follower/sim_cluster.hpp"

#include <gtest/gtest.h>

namespace us::test {
namespace {

using namespace std::chrono_literals;

std::vector<std::byte> whole_file(disk& where, const std::string& path) {
  auto opened = where.open(path, open_mode::read);
  std::vector<std::byte> bytes(*(*opened)->size());
  EXPECT_TRUE(read_fully(**opened, 0, bytes));
  return bytes;
}

void put_file(disk& where, const std::string& directory, const std::string& name,
              std::span<const std::byte> bytes) {
  auto opened = where.open(directory + "/" + name, open_mode::create);
  ASSERT_TRUE(opened && (*opened)->write_at(0, bytes) && (*opened)->sync() &&
              where.sync_directory(directory));
}

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
    auto found = load_standing(*cluster_.disk_of(name), "lists/standing");
    return found && found->counts();
  }
  std::vector<std::string> files(const std::string& name, const std::string& directory) {
    return *cluster_.disk_of(name)->list(directory);
  }
  /// The file of the newest snapshot that the node took; empty when it has none.
  std::string newest_snapshot(const std::string& name) {
    auto found = list_snapshots(*cluster_.disk_of(name), "lists/snapshots");
    if (found)
      for (const auto& each : *found)
        if (each.kind == snapshot_kind::taken) return each.text();
    return {};
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
  const auto newest = newest_snapshot(hurt);
  ASSERT_FALSE(newest.empty());
  ASSERT_TRUE(node.disk().damage("lists/snapshots/" + newest, 70));
  node.start();
  until(rare::snapshot_damaged);
  cluster_.heal_and_expect_life();
  cluster_.finish();
}

// The leader's file is damaged on its disk: the follower that it was sent to says so, and is sent
// another one.
TEST_F(CatchUp, ASnapshotThatIsDamagedWhereItIsSentFromIsTakenAnew) {
  const auto away = a_follower();
  cluster_.sim().node(away).crash();
  cluster_.sim().run_for(8s);
  const auto newest = newest_snapshot(cluster_.leader());
  ASSERT_TRUE(
      cluster_.sim().node(cluster_.leader()).disk().damage("lists/snapshots/" + newest, 70));
  cluster_.sim().node(away).start();
  until(rare::snapshot_refused);
  until(rare::snapshot_installed);
  cluster_.heal_and_expect_life();
  cluster_.finish();
}

// Power is lost after a leader's snapshot got its name and before the log began anew behind it.
TEST_F(CatchUp, BeginsAtASnapshotThatTheLogHasNotReached) {
  const auto away = a_follower();
  cluster_.sim().node(away).crash();
  cluster_.sim().run_for(8s);
  const auto newest = newest_snapshot(cluster_.leader());
  const auto from = cluster_.disk_of(cluster_.leader());
  const auto bytes = whole_file(*from, "lists/snapshots/" + newest);
  const auto name = newest.substr(0, newest.rfind('.')) + ".installed";
  put_file(*cluster_.disk_of(away), "lists/snapshots", name, bytes);
  cluster_.sim().node(away).start();
  until(rare::snapshot_without_log, 1s);
  cluster_.heal_and_expect_life();
  cluster_.finish();
}

// Answers overtake each other: some of those that a node sent before it lost its disk arrive after
// the first of its new one. They promise what is no more.
TEST_F(CatchUp, AnswersOfALostDiskAreNotCounted) {
  const auto lost = a_follower();
  cluster_.sim().network().reorder(1);
  cluster_.sim().network().delay(1ms, 150ms);
  for (int i = 0; i < 30 && reached(rare::reply_of_lost_disk) == 0; ++i) {
    cluster_.sim().run_for(500ms);
    if (votes(lost)) cluster_.sim().node(lost).restart_empty();
  }
  EXPECT_GT(reached(rare::reply_of_lost_disk), 0u);
  cluster_.sim().network().reorder(0);
  cluster_.sim().network().delay(100us, 400us);
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
