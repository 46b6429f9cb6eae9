// Disks that fail under real processes: what is not synced is not acknowledged, by nobody, and what
// was acknowledged stays.
#include "tests/cluster/disk_cluster.hpp"

#include <signal.h>

namespace us::test {
namespace {

using namespace std::chrono_literals;

class FailingDisk : public disk_cluster {};

// {leader, follower}, the third is down: nothing is committed without that follower's disk.
TEST_F(FailingDisk, OfAFollowerAcknowledgesNothing) {
  cluster_.start_all();
  const auto leads = leader();
  const auto hurt = others_than(leads)[0];
  const auto third = others_than(leads)[1];
  ASSERT_TRUE(writes_.write_until_acknowledged(leads, 50));
  cluster_.kill_hard(third);
  disk(hurt).set("sync EIO /kv/log/");
  EXPECT_NE(writes_.write(leads).text, "OK");
  EXPECT_TRUE(struck_soon(hurt, 1));
  expect_failed_and_restart(hurt);
  ASSERT_TRUE(writes_.write_until_acknowledged(leads, 20)) << cluster_.output(hurt);
  cluster_.start(third);
  lead(hurt);
  writes_.expect_kept(hurt);
}

// Each of two followers has a bad disk in turn: the others go on meanwhile.
TEST_F(FailingDisk, OfOneFollowerStopsNobodyElse) {
  cluster_.start_all();
  const auto leads = leader();
  for (const auto& hurt : others_than(leads)) {
    disk(hurt).set("sync EIO .log");
    ASSERT_TRUE(writes_.write_until_acknowledged(leads, 50)) << cluster_.output(leads);
    expect_failed_and_restart(hurt);
    lead(hurt);
    writes_.expect_kept(hurt);
    lead(leads);
  }
}

/// What strikes the leader's log.
class FailingDiskOfTheLeader : public disk_cluster,
                               public testing::WithParamInterface<const char*> {};

// Clients ask at another node all the time: each is told what is true.
TEST_P(FailingDiskOfTheLeader, HasAnotherLead) {
  cluster_.start_all();
  const auto hurt = leader();
  const auto other = others_than(hurt)[0];
  ASSERT_TRUE(writes_.write_until_acknowledged(other, 50));
  disk(hurt).set(GetParam());
  ASSERT_TRUE(writes_.write_until_acknowledged(other, 50)) << cluster_.output(other);
  EXPECT_TRUE(struck_soon(hurt, 1));
  expect_failed_and_restart(hurt);
  lead(hurt);
  writes_.expect_kept(hurt);
}

INSTANTIATE_TEST_SUITE_P(Each, FailingDiskOfTheLeader,
                         testing::Values("sync EIO .log", "write EIO .log", "write torn .log"),
                         [](const auto& about) {
                           std::string name{about.param};
                           std::erase_if(name, [](char c) { return !std::isalpha(c); });
                           return name;
                         });

// One sync fails, the next ones do not: the replica is opened anew, and believes only what it has
// synced again.
TEST_F(FailingDisk, ForOnceHasTheReplicaOpenedAnew) {
  cluster_.start_all();
  const auto hurt = leader();
  ASSERT_TRUE(writes_.write_until_acknowledged(hurt, 50));
  disk(hurt).set("sync EIO .log times=1");
  ASSERT_TRUE(writes_.write_until_acknowledged(hurt, 50)) << cluster_.output(hurt);
  EXPECT_TRUE(says_soon(hurt, ".log: Input/output error")) << cluster_.output(hurt);
  EXPECT_EQ(disk(hurt).hits(), 1u);
  lead(hurt);
  writes_.expect_kept(hurt);
  EXPECT_TRUE(cluster_.running(hurt));
}

class FailingDiskThatCatchesUp : public disk_cluster {
 protected:
  FailingDiskThatCatchesUp() : disk_cluster(small_logs) {}
};

// A snapshot comes in parts. What the failed sync of one covered is not gone on from.
TEST_F(FailingDiskThatCatchesUp, BeginsAnew) {
  cluster_.start_all();
  const auto leads = leader();
  const auto hurt = others_than(leads)[0];
  cluster_.kill_hard(hurt);
  ASSERT_TRUE(writes_.write_until_acknowledged(leads, 500));
  disk(hurt).set("sync EIO .incoming times=1 after=1");
  cluster_.start(hurt);
  EXPECT_TRUE(says_soon(hurt, "caught up by a snapshot")) << cluster_.output(hurt);
  EXPECT_TRUE(says(hurt, ".incoming: Input/output error")) << cluster_.output(hurt);
  EXPECT_EQ(disk(hurt).hits(), 1u);
  lead(hurt);
  writes_.expect_kept(hurt);
}

/// How durable entries are.
class TornWrite : public disk_cluster, public testing::WithParamInterface<const char*> {
 protected:
  TornWrite() : disk_cluster(short_patience, GetParam()) {}
};

// kill -9 in the middle of a write of the log, of two nodes and then of the third.
TEST_P(TornWrite, AndKilledProcessesLoseNothingAcknowledged) {
  cluster_.start_all();
  ASSERT_TRUE(writes_.write_until_acknowledged(leader(), 30));
  for (const auto& node : cluster_.nodes()) disk(node).set("write torn-kill .log after=20");
  const auto struck = [&] {
    return std::ranges::count_if(cluster_.nodes(),
                                 [&](auto& node) { return disk(node).hits() > 0; });
  };
  ASSERT_TRUE(eventually([&] {
    for (const auto& node : cluster_.nodes())
      if (disk(node).hits() == 0 && struck() < 2) (void)writes_.write(node);
    return struck() >= 2;
  }));
  for (const auto& node : cluster_.nodes()) {
    if (disk(node).hits() == 0) {
      cluster_.kill_hard(node);
    } else {
      EXPECT_EQ(cluster_.wait_for_exit(node, 30s), -SIGKILL) << node;
    }
    disk(node).heal();
  }
  cluster_.start_all();
  for (const auto& node : cluster_.nodes()) {
    lead(node);
    writes_.expect_kept(node);
    EXPECT_FALSE(says(node, "damaged")) << cluster_.output(node);
  }
  EXPECT_TRUE(writes_.write_until_acknowledged("a", 20));
}

INSTANTIATE_TEST_SUITE_P(Each, TornWrite,
                         testing::Values("durability = \"fsync\"\n",
                                         "durability = \"interval\"\nsync_interval_ms = 60000\n"),
                         [](const auto& about) {
                           return about.index == 0 ? "Synced" : "AtIntervals";
                         });

}  // namespace
}  // namespace us::test
