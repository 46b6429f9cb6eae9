// Real processes that keep their records in RocksDB, in memory, or some this and some that.
#include "tests/cluster/process_cluster.hpp"
#include "tests/cluster/redis_client.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace us::test {
namespace {

using kind = redis_client::answer::kind;

constexpr auto in_rocksdb = "acknowledge = \"quorum\"\nstate = \"rocksdb\"\n";
constexpr auto in_memory = "acknowledge = \"quorum\"\nstate = \"memory\"\n";
// So that a few hundred writes leave a log that is cut.
constexpr auto small_logs =
    "[log]\nsegment_bytes = 65536\nsnapshot_bytes = 65536\nretain_bytes = 0\n";

std::string value_of(int number) {
  return std::to_string(number) + "-" + std::string(200, 'v');
}

class StateEngine : public testing::Test {
 protected:
  process_cluster cluster_{{"a", "b", "c"}, small_logs, in_rocksdb};
  int written_ = 0;  ///< keys 0 ... have the value of their number

  std::string wait_for_leader() {
    auto leader = cluster_.wait_for_leader();
    if (leader.empty()) ADD_FAILURE() << cluster_.output("a");
    return leader;
  }
  void write(int more) {
    redis_client client{cluster_.redis_port(wait_for_leader()), 10'000};
    for (const auto end = written_ + more; written_ < end; ++written_)
      ASSERT_EQ(client.run({"SET", "key-" + std::to_string(written_), value_of(written_)}).what,
                kind::ok);
  }
  void expect_all_at(const std::string& node) {
    redis_client client{cluster_.redis_port(node), 10'000};
    EXPECT_EQ(client.run({"DBSIZE"}).text, std::to_string(written_)) << node;
    for (int i = 0; i < written_; ++i)
      ASSERT_EQ(client.run({"GET", "key-" + std::to_string(i)}).text, value_of(i))
          << node << ", key " << i;
  }
  /// Its own records answer, then.
  void lead(const std::string& node) {
    process_cluster::ended last{};
    EXPECT_TRUE(eventually([&] {
      last = cluster_.command(node, "lead --node " + node);
      return last.code == 0 || cluster_.wait_for_leader() == node;
    })) << last.output
        << cluster_.output(node);
    EXPECT_TRUE(eventually([&] { return cluster_.wait_for_leader() == node; }));
  }
  bool says(const std::string& node, const std::string& text) const {
    return cluster_.output(node).find(text) != std::string::npos;
  }
  /// Away while so much is written that the log is cut, and back.
  void be_away(const std::string& node) {
    cluster_.kill_hard(node);
    write(1500);
    cluster_.start(node);
    EXPECT_TRUE(eventually([&] { return says(node, "caught up by a snapshot"); }))
        << cluster_.output(node);
  }
  std::string directory_of(const std::string& node, const std::string& name) const {
    return cluster_.directory() + "/" + node + "/kv/" + name;
  }
  static std::uintmax_t bytes_in(const std::string& directory) {
    std::uintmax_t sum = 0;
    for (const auto& file : std::filesystem::directory_iterator{directory})
      if (file.is_regular_file()) sum += file.file_size();
    return sum;
  }
};

// kill -9 of all nodes, again and again, each time after snapshots without records were taken.
TEST_F(StateEngine, OnRocksDbKeepsWhatWasAcknowledged) {
  cluster_.start_all();
  for (int round = 0; round < 3; ++round) {
    write(1000);
    for (const auto& node : cluster_.nodes()) cluster_.kill_hard(node);
    cluster_.start_all();
    expect_all_at(wait_for_leader());
  }
  for (const auto& node : cluster_.nodes()) {
    EXPECT_FALSE(says(node, "rebuilt")) << cluster_.output(node);
    EXPECT_LT(bytes_in(directory_of(node, "snapshots")), 100'000u) << "they have no records";
  }
}

// a keeps its records in memory, b and c in RocksDB; each kind is brought up to date by the other.
TEST_F(StateEngine, OfAnyKindCatchesUpByTheSnapshotOfAnyOther) {
  cluster_.configure("a", in_memory);
  cluster_.start_all();
  write(500);
  lead("b");
  be_away("a");
  be_away("c");
  lead("a");
  expect_all_at("a");
  be_away("b");
  lead("b");
  expect_all_at("b");
  // And once more from what they have on the disk.
  for (const auto& node : cluster_.nodes()) cluster_.kill_hard(node);
  cluster_.start_all();
  for (const auto* node : {"a", "b", "c"}) {
    lead(node);
    expect_all_at(node);
    EXPECT_FALSE(says(node, "rebuilt")) << cluster_.output(node);
  }
}

TEST_F(StateEngine, IsChangedFromOneStartToTheNext) {
  for (const auto* node : {"a", "b", "c"}) cluster_.configure(node, in_memory);
  cluster_.start_all();
  write(1500);
  for (const auto& node : cluster_.nodes()) cluster_.kill_hard(node);
  for (const auto* node : {"a", "b", "c"}) cluster_.configure(node, in_rocksdb);
  cluster_.start_all();
  write(1500);
  expect_all_at(wait_for_leader());
  // Back: one whose log is cut says what to do, and does not make something up.
  cluster_.kill_hard("c");
  cluster_.configure("c", in_memory);
  cluster_.start("c");
  EXPECT_TRUE(eventually([&] { return says("c", "set state = \"rocksdb\" again, or empty"); }))
      << cluster_.output("c");
}

// What has no log of its own to be made from again comes from the others.
TEST_F(StateEngine, WhoseRecordsAreLostIsRebuiltFromTheOthers) {
  cluster_.start_all();
  write(1500);
  const auto leader = wait_for_leader();
  const std::string lost = leader == "a" ? "b" : "a";
  cluster_.kill_hard(lost);
  std::filesystem::remove_all(directory_of(lost, "records"));
  cluster_.start(lost);
  EXPECT_TRUE(eventually([&] { return says(lost, "caught up by a snapshot"); }))
      << cluster_.output(lost);
  EXPECT_TRUE(says(lost, "will be rebuilt from the other replicas"));
  lead(lost);
  expect_all_at(lost);
}

}  // namespace
}  // namespace us::test
