// Records in RocksDB on disks that are full or fail, under real processes. Small logs: what is in
// memory is written out all the time.
#include "tests/cluster/disk_cluster.hpp"
#include "tests/cluster/small_disk.hpp"

namespace us::test {
namespace {

using namespace std::chrono_literals;
using kind = redis_client::answer::kind;

constexpr auto often_written_out =
    "[log]\nsegment_bytes = 1048576\nsnapshot_bytes = 1048576\nretain_bytes = 0\n"
    "[timing]\nrequest_timeout_ms = 1500\n";

class FullRocksDisk : public disk_cluster {
 protected:
  FullRocksDisk() : disk_cluster(often_written_out, in_rocksdb, 32u << 10) {}

  std::vector<std::unique_ptr<small_disk>> small_;

  bool mount(const std::string& size) {
    for (const auto& node : cluster_.nodes())
      small_.push_back(std::make_unique<small_disk>(cluster_.directory() + "/" + node, size));
    return small_.back()->mounted();
  }
  /// Of a status: the number behind that name.
  static std::string number(const std::string& status, const std::string& name) {
    const auto at = status.find("\"" + name + "\":");
    if (at == std::string::npos) return "";
    const auto begin = at + name.size() + 3;
    return status.substr(begin, status.find(',', begin) - begin);
  }
  /// Each replica has applied everything that it has.
  bool all_applied() {
    return std::ranges::all_of(cluster_.nodes(), [&](const auto& node) {
      const auto status = cluster_.http_get(node, "/api/v1/status");
      const auto last = number(status, "last_index");
      return !last.empty() && last == number(status, "applied_index");
    });
  }
};

// Every disk is full: writes are refused with the reason, reads are answered, and once there is
// space it goes on by itself.
TEST_F(FullRocksDisk, RefusesWritesAnswersReadsAndGoesOn) {
  if (!mount("16m")) GTEST_SKIP() << "mounting a tmpfs needs root";
  cluster_.start_all();
  auto leads = leader();
  ASSERT_TRUE(writes_.write_until_acknowledged(leads, 20));
  for (const auto& node : cluster_.nodes())
    std::ofstream{directory_of(node, "filler")} << std::string(8u << 20, 'x');
  redis_client::answer refused;
  ASSERT_TRUE(eventually([&] {
    const auto said = writes_.write(leads);
    if (said.what == kind::error && !said.text.starts_with("UNKNOWN")) refused = said;
    return refused.text.find("disk") != std::string::npos;
  })) << refused.text
      << cluster_.output(leads);
  leads = leader();
  writes_.expect_kept(leads);
  for (const auto& node : cluster_.nodes()) {
    EXPECT_TRUE(cluster_.running(node)) << cluster_.output(node);
    std::filesystem::remove(directory_of(node, "filler"));
  }
  ASSERT_TRUE(writes_.write_until_acknowledged(leads, 20)) << cluster_.output(leads);
  EXPECT_TRUE(eventually([&] { return all_applied(); })) << cluster_.output(leads);
  kill_all();
  cluster_.start_all();
  writes_.expect_kept(leader());
}

// Only the records find no space, the log does: clients notice nothing.
TEST_F(FullRocksDisk, KeepsChangesInMemoryUntilThereIsSpace) {
  cluster_.start_all();
  const auto leads = leader();
  ASSERT_TRUE(writes_.write_until_acknowledged(leads, 20));
  for (const auto& node : cluster_.nodes()) disk(node).set("write ENOSPC .sst");
  ASSERT_TRUE(writes_.write_until_acknowledged(leads, 100)) << cluster_.output(leads);
  for (const auto& node : cluster_.nodes()) {
    EXPECT_TRUE(eventually([&] { return disk(node).hits() > 1; })) << "it is tried again";
    EXPECT_TRUE(cluster_.running(node)) << cluster_.output(node);
    EXPECT_FALSE(says(node, "actor_failed")) << cluster_.output(node);
  }
  writes_.expect_kept(leads);
  for (const auto& node : cluster_.nodes()) disk(node).heal();
  EXPECT_TRUE(eventually([&] { return all_applied(); })) << cluster_.output(leads);
  ASSERT_TRUE(writes_.write_until_acknowledged(leads, 50)) << cluster_.output(leads);
  kill_all();
  cluster_.start_all();
  for (const auto& node : cluster_.nodes()) {
    lead(node);
    writes_.expect_kept(node);
  }
}

// No space, and then no disk: the replica does not wait for space for ever.
TEST_F(FullRocksDisk, ThatFailsThenEndsItsReplica) {
  cluster_.start_all();
  const auto hurt = leader();
  disk(hurt).set("write ENOSPC .sst");
  ASSERT_TRUE(writes_.write_until_acknowledged(hurt, 50)) << cluster_.output(hurt);
  EXPECT_TRUE(struck_soon(hurt, 1));
  disk(hurt).set("write EIO .sst times=1");
  EXPECT_TRUE(says_soon(hurt, "Input/output error")) << cluster_.output(hurt);
  EXPECT_TRUE(says(hurt, "actor_failed")) << cluster_.output(hurt);
  lead(hurt);
  writes_.expect_kept(hurt);
}

/// What strikes the leader's database.
class FailingRocksDisk : public disk_cluster, public testing::WithParamInterface<const char*> {
 protected:
  FailingRocksDisk() : disk_cluster(often_written_out, in_rocksdb, 32u << 10) {}
};

TEST_P(FailingRocksDisk, OfTheLeaderHasAnotherLead) {
  cluster_.start_all();
  const auto hurt = leader();
  const auto other = others_than(hurt)[0];
  ASSERT_TRUE(writes_.write_until_acknowledged(other, 20));
  disk(hurt).set(GetParam());
  ASSERT_TRUE(eventually([&] {
    (void)writes_.write(other);
    return disk(hurt).hits() > 0 && leader() != hurt;
  })) << cluster_.output(hurt);
  ASSERT_TRUE(writes_.write_until_acknowledged(other, 100)) << cluster_.output(other);
  EXPECT_TRUE(says_soon(hurt, "Input/output error")) << cluster_.output(hurt);
  EXPECT_TRUE(says(hurt, "records/")) << cluster_.output(hurt);
  cluster_.kill_hard(hurt);
  disk(hurt).heal();
  cluster_.start(hurt);
  lead(hurt);
  writes_.expect_kept(hurt);
}

INSTANTIATE_TEST_SUITE_P(Each, FailingRocksDisk,
                         testing::Values("write EIO .sst", "sync EIO .sst", "write EIO MANIFEST"),
                         [](const auto& about) {
                           std::string name{about.param};
                           std::erase_if(name, [](char c) { return !std::isalpha(c); });
                           return name;
                         });

}  // namespace
}  // namespace us::test
