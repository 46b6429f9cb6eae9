// Entries that are synced at intervals are in the kernel once they are acknowledged: processes may die.
#include "tests/cluster/process_cluster.hpp"
#include "tests/cluster/redis_client.hpp"

#include <gtest/gtest.h>

namespace us::test {
namespace {

using kind = redis_client::answer::kind;

// kill -9 of all nodes right after the last answer; the next sync would be a minute away.
TEST(Durability, AtIntervalsKeepsWhatDeadProcessesAcknowledged) {
  process_cluster cluster{
      {"a", "b", "c"}, "", "durability = \"interval\"\nsync_interval_ms = 60000\n"};
  cluster.start_all();
  const auto leader = cluster.wait_for_leader();
  ASSERT_FALSE(leader.empty());
  redis_client client{cluster.redis_port(leader), 10'000};
  constexpr int keys = 500;
  for (int i = 0; i < keys; ++i)
    ASSERT_EQ(client.run({"SET", "key-" + std::to_string(i), std::to_string(i)}).what, kind::ok);
  for (const auto& node : cluster.nodes()) cluster.kill_hard(node);
  cluster.start_all();
  const auto next = cluster.wait_for_leader();
  ASSERT_FALSE(next.empty());
  redis_client again{cluster.redis_port(next), 10'000};
  for (int i = 0; i < keys; ++i)
    ASSERT_EQ(again.run({"GET", "key-" + std::to_string(i)}).text, std::to_string(i));
  for (const auto& node : cluster.nodes())
    EXPECT_EQ(cluster.output(node).find("went down"), std::string::npos)
        << node << " took the end of its process for a power loss: " << cluster.output(node);
}

}  // namespace
}  // namespace us::test
