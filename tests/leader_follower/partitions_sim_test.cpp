// A service with several groups on the same nodes, in simulation: losses of each, and a leader that
// is cut off while it rests. What happens to them at random is in sweep_test.cpp.
#include "actors/leader_follower/partition_files.hpp"
#include "runtime/simulation/gtest.hpp"
#include "tests/leader_follower/sim_cluster.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/leader_follower/test_schema.capnp.h"

namespace us::test {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t partitions = 8;
constexpr std::uint32_t chosen = 2;

std::string key_of_chosen() {
  for (int i = 0;; ++i)
    if (auto key = std::to_string(i); partition_of(key, partitions) == chosen) return key;
}

// {a} | {b, c}: each group that a led notes what a acknowledged alone. finish() holds every item
// and every entry that was cut against the journals.
TEST(PartitionedLosses, AreNotedByEachGroupForItself) {
  sim_cluster run{{.seed = test_seed(), .partitions = partitions},
                  small_segments(),
                  {.when = acknowledgement::async}};
  run.watch_cuts();
  ASSERT_TRUE(run.cluster().elects_leader());
  run.work().interval = 5ms;
  run.work().keys = 16;
  run.start_clients();
  run.sim().run_for(1s);
  int led = 0;
  for (std::uint32_t i = 0; i < partitions; ++i) led += run.cluster().leader(i) == "a";
  ASSERT_GT(led, 1);
  run.sim().network().isolate({"a"});
  run.sim().run_for(2s);
  run.sim().network().heal();
  run.sim().run_for(2s);
  auto directories = loss_directories(*run.disk_of("a"), "lists");
  ASSERT_TRUE(directories);
  ASSERT_EQ(directories->size(), partitions);
  int lost = 0;
  for (const auto& directory : *directories) {
    auto noted = read_noted_losses(*run.disk_of("a"), directory);
    ASSERT_TRUE(noted);
    lost += std::ranges::any_of(*noted, [](const noted_loss& each) {
      return each.kind == loss_kind::ACKNOWLEDGED && each.state == loss_state::LOST;
    });
  }
  EXPECT_EQ(lost, led);
  run.finish();
}

// Its beats have confirmed nothing since it rests, and waking confirms nothing either: another one
// leads when it notices that it is cut off.
TEST(RestingLeader, HasNoLeaseWhenItWakes) {
  int elected = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    sim_cluster run{
        {.seed = seed, .partitions = partitions}, small_segments(), {.read_lease = true}};
    auto& cluster = run.cluster();
    run.work().stopped = true;
    ASSERT_TRUE(cluster.elects_leader());
    const auto former = cluster.leader(chosen);
    const std::string other = former == "a" ? "b" : "a";
    const auto append = [&](const std::string& at) {
      return cluster.client_at(at).call<AppendOnce, Register>(
          [](AppendOnce::Builder to) { to.setKey(key_of_chosen()); });
    };
    auto sessions = std::vector{append(former), append(other)};
    cluster.advance(3s);
    for (const auto& each : sessions) ASSERT_TRUE(each.done()) << each.text();
    cluster.network().isolate({former});
    const auto replaced = [&] {
      return cluster.leader(chosen) != former && !cluster.leader(chosen).empty();
    };
    if (!cluster.advance_until(replaced, 2s)) continue;
    auto written = append(other);
    if (!cluster.advance_until([&] { return written.done(); }, 100ms)) continue;
    ++elected;
    auto seen = cluster.client_at(former).call<Read, Register>(
        [](Read::Builder to) { to.setKey(key_of_chosen()); });
    cluster.advance(20ms);
    EXPECT_FALSE(seen.done()) << "seed " << seed << ": it does not know of the write";
  }
  EXPECT_GT(elected, 5);
}

}  // namespace
}  // namespace us::test
