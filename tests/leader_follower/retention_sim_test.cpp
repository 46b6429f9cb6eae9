// Entries that are too old are removed also where nothing happens any more.
#include "runtime/log/segment_files.hpp"
#include "runtime/simulation/gtest.hpp"
#include "tests/leader_follower/sim_cluster.hpp"

#include <gtest/gtest.h>

namespace us::test {
namespace {

using namespace std::chrono_literals;

group_limits kept_for(duration age) {
  auto limits = tiny_snapshots();
  limits.retain = {.bytes = 1u << 30, .age = age};
  return limits;
}

TEST(Retention, OfAnIdleServiceEndsByAge) {
  sim_cluster cluster{{.seed = test_seed()}, kept_for(1min)};
  const auto segments = [&](const std::string& node) {
    return list_segments(*cluster.disk_of(node), "lists/log")->size();
  };
  ASSERT_TRUE(cluster.wait_for_leader(2s));
  cluster.start_clients();
  cluster.sim().run_for(5s);
  cluster.work().stopped = true;
  cluster.sim().run_for(7s);
  for (const auto* node : {"a", "b", "c"})
    EXPECT_GT(segments(node), 8u) << node << " has room for all of them, and they are young";
  cluster.sim().run_for(2min);
  for (const auto* node : {"a", "b", "c"})
    EXPECT_LE(segments(node), 4u) << node << " keeps what no snapshot covers, and what it reserves";
  cluster.finish();
}

}  // namespace
}  // namespace us::test
