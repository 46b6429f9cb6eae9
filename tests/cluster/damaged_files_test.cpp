// Bits that are wrong on a real disk, or were only read so: the first is found, told and made good
// by the others, the second destroys nothing.
#include "tests/cluster/disk_cluster.hpp"
#include "tests/cluster/redis_client.hpp"

namespace us::test {
namespace {

using namespace std::chrono_literals;

constexpr auto rebuilt = "will be rebuilt from the other replicas";

class DamagedLog : public disk_cluster {};

// {a: damaged, b}, c is down: a may have acknowledged what it no longer has, so nobody leads until
// c is back.
TEST_F(DamagedLog, IsReportedAndNotVotedFromAndRebuilt) {
  cluster_.start_all();
  ASSERT_TRUE(writes_.write_until_acknowledged(leader(), 200));
  kill_all();
  const auto segment = files("a", "log", ".log").front();
  flip_bit(segment, 200);
  cluster_.start("a");
  cluster_.start("b");
  EXPECT_TRUE(says_soon("a", rebuilt)) << cluster_.output("a");
  EXPECT_TRUE(says("a", std::filesystem::path{segment}.filename().string() + ": offset "))
      << cluster_.output("a");
  EXPECT_EQ(cluster_.wait_for_leader(1s), "");
  cluster_.start("c");
  EXPECT_NE(leader(), "a");
  lead("a");
  writes_.expect_kept("a");
  EXPECT_TRUE(std::filesystem::exists(directory_of("a", "log.damaged")));
}

class DamagedSnapshot : public disk_cluster {
 protected:
  DamagedSnapshot() : disk_cluster(small_logs) {}
};

// The log no longer reaches back to its beginning, and no snapshot is whole.
TEST_F(DamagedSnapshot, IsReportedAndItsReplicaRebuilt) {
  const auto hurt = kill_a_follower_after(500);
  flip_bits(files(hurt, "snapshots", ".snapshot"), 1000);
  cluster_.start(hurt);
  EXPECT_TRUE(says_soon(hurt, "caught up by a snapshot")) << cluster_.output(hurt);
  EXPECT_TRUE(says(hurt, ".snapshot: offset ")) << cluster_.output(hurt);
  EXPECT_TRUE(says(hurt, rebuilt)) << cluster_.output(hurt);
  lead(hurt);
  writes_.expect_kept(hurt);
}

class DamagedRecords : public disk_cluster {
 protected:
  DamagedRecords() : disk_cluster(small_logs, in_rocksdb) {}

  /// Reads records of this very node until it has said that.
  bool says_while_read(const std::string& node, const std::string& text) {
    return eventually([&] {
      redis_client client{cluster_.redis_port(node), 500};
      (void)client.run({"CLIENT", "READS", "local"});
      for (int i = 0; i < 500 && client.connected() && !says(node, text); ++i)
        (void)client.run({"GET", noted_writes::key(i)});
      return says(node, text);
    });
  }
};

// Of RocksDB's tables only what is read is checked: the damage is found by the first who asks for
// it.
TEST_F(DamagedRecords, AreReportedAndRebuilt) {
  const auto hurt = kill_a_follower_after(500);
  flip_bits(files(hurt, "records", ".sst"), 100);
  cluster_.start(hurt);
  EXPECT_TRUE(says_while_read(hurt, rebuilt)) << cluster_.output(hurt);
  EXPECT_TRUE(says(hurt, "Corruption: block checksum mismatch")) << cluster_.output(hurt);
  EXPECT_TRUE(says(hurt, ".sst offset ")) << cluster_.output(hurt);
  EXPECT_TRUE(says_soon(hurt, "caught up by a snapshot")) << cluster_.output(hurt);
  lead(hurt);
  writes_.expect_kept(hurt);
}

// A bus that errs once: every node reads the newest bytes of its log wrongly, while it looks for
// what a crash has left, or while it writes that once more, or while it applies it.
TEST_F(DamagedLog, IsNotWhatWasOnlyReadWronglyOnce) {
  cluster_.start_all();
  ASSERT_TRUE(writes_.write_until_acknowledged(leader(), 50));
  for (std::size_t after = 0; after < 3; ++after) {
    kill_all();
    for (const auto& node : cluster_.nodes()) {
      std::size_t used = 0;  // of the newest segment that is; the one after it is all zeros
      for (const auto& segment : files(node, "log", ".log"))
        if (const auto bytes = used_bytes(segment); bytes > 0) used = bytes;
      const auto at = std::to_string(used - 1);
      disk(node).set("read flip /standing times=1\nread flip .log times=1 after=" +
                     std::to_string(after) + " at=" + at);
    }
    cluster_.start_all();
    const auto leads = leader();
    writes_.expect_kept(leads);
    ASSERT_TRUE(writes_.write_until_acknowledged(leads, 5));
    for (const auto& node : cluster_.nodes()) {
      EXPECT_TRUE(struck_soon(node, 2 * (after + 1))) << node << ", the log's " << after;
      EXPECT_FALSE(says(node, rebuilt)) << cluster_.output(node);
    }
  }
}

TEST_F(DamagedSnapshot, IsNotWhatWasOnlyReadWronglyOnce) {
  cluster_.start_all();
  ASSERT_TRUE(writes_.write_until_acknowledged(leader(), 500));
  kill_all();
  for (const auto& node : cluster_.nodes()) disk(node).set("read flip .snapshot times=1 at=1000");
  cluster_.start_all();
  writes_.expect_kept(leader());
  for (const auto& node : cluster_.nodes()) {
    EXPECT_TRUE(struck_soon(node, 1));
    EXPECT_TRUE(says_soon(node, "reads differ from each other")) << cluster_.output(node);
    EXPECT_FALSE(says(node, rebuilt)) << cluster_.output(node);
    EXPECT_TRUE(files(node, "snapshots", ".damaged").empty());
  }
}

// A block of a table is read wrongly once by one node, for a client's read.
TEST_F(DamagedRecords, AreNotThoseThatWereOnlyReadWronglyOnce) {
  const auto hurt = kill_a_follower_after(500);
  cluster_.start(hurt);
  lead(hurt);
  disk(hurt).set("read flip .sst times=1");
  EXPECT_TRUE(says_while_read(hurt, "Corruption: ")) << cluster_.output(hurt);
  EXPECT_EQ(disk(hurt).hits(), 1u);
  lead(hurt);
  writes_.expect_kept(hurt);
  EXPECT_FALSE(says(hurt, rebuilt)) << cluster_.output(hurt);
}

}  // namespace
}  // namespace us::test
