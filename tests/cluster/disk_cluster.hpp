#pragma once
/// Three real nodes whose disks fail as a test says, and what it looks at there.

#include "tests/cluster/failing_disk.hpp"
#include "tests/cluster/noted_writes.hpp"
#include "tests/cluster/process_cluster.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

namespace us::test {

class disk_cluster : public testing::Test {
 protected:
  static constexpr auto in_rocksdb = "state = \"rocksdb\"\n";
  /// A few hundred writes leave a log that is cut.
  static constexpr auto small_logs =
      "[log]\nsegment_bytes = 65536\nsnapshot_bytes = 65536\nretain_bytes = 0\n";
  /// What nobody commits is soon told to be unknown.
  static constexpr auto short_patience = "[timing]\nrequest_timeout_ms = 1500\n";

  explicit disk_cluster(const std::string& extra = short_patience, const std::string& service = "",
                        std::size_t value_bytes = 200)
      : cluster_({"a", "b", "c"}, extra, service), writes_(cluster_, value_bytes) {
    for (const auto& node : cluster_.nodes()) disks_.emplace(node, failing_disk{cluster_, node});
  }

  process_cluster cluster_;
  noted_writes writes_;

  const failing_disk& disk(const std::string& node) const { return disks_.at(node); }

  /// The leader, once there is one.
  std::string leader() {
    auto found = cluster_.wait_for_leader();
    if (found.empty()) ADD_FAILURE() << "no leader" << cluster_.output("a") << cluster_.output("b");
    return found;
  }
  std::vector<std::string> others_than(const std::string& node) const {
    auto others = cluster_.nodes();
    std::erase(others, node);
    return others;
  }
  /// Of a new cluster, once so many writes are acknowledged; which one.
  std::string kill_a_follower_after(std::size_t writes) {
    cluster_.start_all();
    const auto leads = leader();
    const auto hurt = others_than(leads)[0];
    EXPECT_TRUE(writes_.write_until_acknowledged(leads, writes));
    cluster_.kill_hard(hurt);
    return hurt;
  }
  void kill_all() {
    for (const auto& node : cluster_.nodes())
      if (cluster_.running(node)) cluster_.kill_hard(node);
  }
  bool says(const std::string& node, const std::string& text) const {
    return cluster_.output(node).find(text) != std::string::npos;
  }
  bool says_soon(const std::string& node, const std::string& text) const {
    return eventually([&] { return says(node, text); });
  }
  /// So many of its calls were struck so far; to be waited for, as nodes do these at their own
  /// time.
  bool struck_soon(const std::string& node, std::size_t times) const {
    return eventually([&] { return disk(node).hits() >= times; });
  }
  /// Its replica ends for good, and says why; then its process gets a disk that works.
  void expect_failed_and_restart(const std::string& node) {
    EXPECT_TRUE(says_soon(node, "cannot use its change log of kv")) << cluster_.output(node);
    EXPECT_TRUE(says(node, ".log: Input/output error")) << cluster_.output(node);
    cluster_.kill_hard(node);
    disk(node).heal();
    cluster_.start(node);
  }
  /// Its own records answer, then.
  void lead(const std::string& node) {
    EXPECT_TRUE(eventually([&] {
      (void)cluster_.command(node, "lead --node " + node);
      return cluster_.wait_for_leader(std::chrono::seconds{1}) == node;
    })) << node
        << " does not lead: " << cluster_.output(node);
  }

  std::string directory_of(const std::string& node, const std::string& name) const {
    return cluster_.directory() + "/" + node + "/kv/" + name;
  }
  /// Below that folder, by name; `ending`: of their names.
  std::vector<std::string> files(const std::string& node, const std::string& folder,
                                 const std::string& ending) const {
    std::vector<std::string> found;
    for (const auto& file :
         std::filesystem::recursive_directory_iterator{directory_of(node, folder)})
      if (file.path().string().ends_with(ending)) found.push_back(file.path().string());
    std::ranges::sort(found);
    return found;
  }
  static void flip_bit(const std::string& path, std::streamoff offset) {
    std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
    file.seekg(offset);
    const auto byte = static_cast<char>(file.get() ^ 4);
    file.seekp(offset);
    file.put(byte);
    ASSERT_TRUE(file.flush()) << path;
  }
  static void flip_bits(const std::vector<std::string>& paths, std::streamoff offset) {
    ASSERT_FALSE(paths.empty());
    for (const auto& each : paths) flip_bit(each, offset);
  }
  /// The bytes of a file before the zeros that it may end with.
  static std::size_t used_bytes(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
    return bytes.find_last_not_of('\0') + 1;
  }

 private:
  std::map<std::string, failing_disk> disks_;
};

}  // namespace us::test
