// How fast snapshots are taken and sent, and how many at once, in simulation.
#include "runtime/simulation/gtest.hpp"
#include "runtime/simulation/sim_disk.hpp"
#include "runtime/state/snapshot_files.hpp"
#include "tests/leader_follower/sim_cluster.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/leader_follower/test_schema.capnp.h"

namespace us::test {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t rate = 20'000;  // bytes a second

group_limits slow_snapshots() {
  auto limits = tiny_snapshots();
  limits.snapshot_rate = rate;
  return limits;
}

/// What so many bytes take at that rate.
duration at_rate(std::uint64_t bytes) {
  return std::chrono::duration_cast<duration>(
      std::chrono::duration<double>{static_cast<double>(bytes) / static_cast<double>(rate)});
}

class SnapshotRate : public testing::Test {
 protected:
  void start(std::size_t nodes, const group_limits& limits) {
    cluster.emplace(cluster_options{.nodes = nodes, .seed = test_seed()}, limits);
    cluster->work().stopped = true;
    ASSERT_TRUE(cluster->wait_for_leader(5s));
  }
  simulation& sim() { return cluster->sim(); }
  std::vector<std::string> followers() {
    auto names = sim().nodes();
    std::erase(names, cluster->leader());
    return names;
  }
  std::uint64_t reached(rare what) { return sim().probes().of(what); }
  void until(rare what, std::uint64_t times, duration limit) {
    ASSERT_TRUE(sim().run_until([&] { return reached(what) >= times; }, limit))
        << to_string(what) << " was reached " << reached(what) << " times";
  }
  simulated_call<Register> append(unsigned list) {
    return cluster->cluster().client_at(cluster->leader()).call<AppendOnce, Register>([&](auto to) {
      to.setKey(std::string(1000, 'k') + std::to_string(list));
    });
  }
  void expect_appended(unsigned list) {
    auto call = append(list);
    ASSERT_TRUE(sim().run_until([&] { return call.ended(); }, 5s));
    ASSERT_TRUE(call.done()) << call.text();
  }
  /// Lists of about a kilobyte each; in the end no snapshot of them is being taken any more.
  void fill(unsigned lists) {
    for (unsigned i = 0; i < lists; ++i) expect_appended(i);
    sim().run_for(at_rate(lists * 4000));
  }
  std::vector<snapshot_name> snapshots_at(const std::string& node, snapshot_kind kind) {
    auto found = list_snapshots(*cluster->disk_of(node), "lists/snapshots");
    if (!found) return {};
    std::erase_if(*found, [&](const snapshot_name& each) { return each.kind != kind; });
    return *found;
  }
  std::uint64_t bytes_of_newest(const std::string& node) {
    const auto taken = snapshots_at(node, snapshot_kind::taken);
    if (taken.empty()) return 0;
    auto file =
        cluster->disk_of(node)->open(path_in("lists/snapshots", taken.front()), open_mode::read);
    return file ? *(*file)->size() : 0;
  }

  std::optional<sim_cluster> cluster;
};

// A follower is away while the log is cut. What it is sent leaves time for everything else: it
// takes its time at the rate that is allowed, and meanwhile the leader stays and writes go on.
TEST_F(SnapshotRate, ASnapshotIsSentNoFasterAndNobodyWaitsForIt) {
  start(3, slow_snapshots());
  const auto away = followers().front();
  const auto leads = cluster->leader();
  const auto epoch = cluster->leader_epoch();
  sim().node(away).crash();
  fill(60);
  const auto bytes = bytes_of_newest(leads);
  ASSERT_GT(bytes, rate) << "too few for a second";
  sim().node(away).start();
  until(rare::transfer_begun, 1, 5s);
  const auto began = sim().now();
  for (unsigned list = 0; list < 10; ++list) {
    auto write = append(list % 2);
    sim().run_for(50ms);
    EXPECT_TRUE(write.done()) << "it waits for the snapshot: " << write.text();
  }
  EXPECT_EQ(reached(rare::snapshot_installed), 0u);
  until(rare::snapshot_installed, 1, 60s);
  const auto took = sim().now() - began;
  EXPECT_GE(took, at_rate(bytes) * 9 / 10) << bytes << " bytes";
  EXPECT_LE(took, at_rate(bytes) * 12 / 10 + 200ms) << bytes << " bytes";
  EXPECT_EQ(cluster->leader(), leads);
  EXPECT_EQ(cluster->leader_epoch(), epoch);
  EXPECT_TRUE(
      cluster->cluster().advance_until([&] { return cluster->cluster().replicas_agree(); }, 5s))
      << cluster->cluster().disagreement();
}

// The same of what a replica writes to its own disk.
TEST_F(SnapshotRate, ASnapshotIsTakenNoFaster) {
  start(3, slow_snapshots());
  const auto leads = cluster->leader();
  const auto epoch = cluster->leader_epoch();
  fill(60);
  const auto being_taken = [&] { return !snapshots_at(leads, snapshot_kind::partial).empty(); };
  ASSERT_FALSE(being_taken());
  for (unsigned list = 0; list < 200 && !being_taken(); ++list) expect_appended(list % 60);
  ASSERT_TRUE(being_taken());
  const auto began = sim().now();
  ASSERT_TRUE(sim().run_until([&] { return !being_taken(); }, 60s));
  const auto took = sim().now() - began;
  const auto bytes = bytes_of_newest(leads);
  ASSERT_GT(bytes, rate) << "too few for a second";
  EXPECT_GE(took, at_rate(bytes) * 9 / 10) << bytes << " bytes";
  EXPECT_LE(took, at_rate(bytes) * 12 / 10 + 200ms) << bytes << " bytes";
  EXPECT_EQ(cluster->leader_epoch(), epoch);
}

// Three of seven lose their disks at once, and the leader sends to two: the third waits for its
// turn.
TEST_F(SnapshotRate, NoMoreAreSentAtOnceThanAllowed) {
  auto limits = slow_snapshots();
  limits.transfers_max = 2;
  start(7, limits);
  fill(30);
  auto empty = followers();
  empty.resize(3);
  for (const auto& name : empty) sim().node(name).restart_empty();
  std::ptrdiff_t most = 0;
  // A follower has such a file from the beginning of its transfer until it has told that it is
  // whole.
  const auto receives = [&](const std::string& name) {
    return !snapshots_at(name, snapshot_kind::incoming).empty();
  };
  const bool all = sim().run_until(
      [&] {
        most = std::max(most, std::ranges::count_if(empty, receives));
        return reached(rare::admitted) >= empty.size();
      },
      60s);
  EXPECT_TRUE(all) << "admitted: " << reached(rare::admitted);
  EXPECT_EQ(most, 2);
  EXPECT_GE(reached(rare::snapshot_installed), 3u);
  EXPECT_GT(reached(rare::transfer_waited), 0u);
  EXPECT_EQ(reached(rare::transfer_given_up), 0u);
}

}  // namespace
}  // namespace us::test
