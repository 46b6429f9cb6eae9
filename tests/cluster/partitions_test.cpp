// Real processes: a service with eight partitions on three nodes.
#include "tests/cluster/list_writer.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <set>

namespace us::test {
namespace {

using namespace std::chrono_literals;
using testing::ContainsRegex;
using testing::HasSubstr;
using kind = redis_client::answer::kind;

constexpr auto eight = "acknowledge = \"quorum\"\npartitions = 8\n";

bool every_partition_is_led(const process_cluster& cluster) {
  return eventually([&] { return cluster.command("a", "status").code == 0; });
}

/// How many partitions a node leads, as it says.
int led_by(const process_cluster& cluster, const std::string& node) {
  const auto status = cluster.http_get(node, "/api/v1/status");
  const auto at = status.find("\"led\":");
  return at == std::string::npos ? -1 : std::stoi(status.substr(at + 6));
}

// Writers to lists in all partitions; a node is killed; all keys are served, nothing acknowledged
// is lost or executed twice.
TEST(PartitionedCluster, ServesAllKeysWhenANodeIsKilled) {
  process_cluster cluster{{"a", "b", "c"}, "", eight};
  cluster.start_all();
  ASSERT_TRUE(every_partition_is_led(cluster)) << cluster.output("a");
  std::vector<std::unique_ptr<list_writer>> writers;
  for (int i = 0; i < 12; ++i) writers.push_back(std::make_unique<list_writer>(cluster, i));
  const auto wait_for_more = [&] {
    std::vector<std::size_t> before;
    for (const auto& each : writers) before.push_back(each->acknowledged());
    return eventually([&] {
      for (std::size_t i = 0; i < writers.size(); ++i)
        if (writers[i]->acknowledged() < before[i] + 20) return false;
      return true;
    });
  };
  ASSERT_TRUE(wait_for_more());
  std::string killed = "a";
  for (const auto* node : {"b", "c"})
    if (led_by(cluster, node) > led_by(cluster, killed)) killed = node;
  EXPECT_GT(led_by(cluster, killed), 0);
  cluster.kill_hard(killed);
  EXPECT_TRUE(wait_for_more()) << "every list goes on";
  cluster.start(killed);
  EXPECT_TRUE(wait_for_more());
  for (auto& each : writers) each->stop();
  for (const auto& node : cluster.nodes()) {
    redis_client client;
    ASSERT_TRUE(eventually([&] {
      client.connect(cluster.redis_port(node), 10'000);
      return client.run({"DBSIZE"}).text == "12";
    })) << node;
    for (const auto& each : writers) each->reconcile(client);
  }
}

TEST(PartitionedCluster, AnswersRedisClientsAsOneServer) {
  process_cluster cluster{{"a", "b", "c"}, "", eight};
  cluster.start_all();
  ASSERT_TRUE(every_partition_is_led(cluster)) << cluster.output("a");
  redis_client client{cluster.redis_port("b"), 10'000};
  for (int i = 0; i < 100; ++i)
    ASSERT_EQ(client.run({"SET", "key-" + std::to_string(i), std::to_string(i)}).text, "OK");
  redis_client other{cluster.redis_port("c"), 10'000};
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(other.run({"GET", "key-" + std::to_string(i)}).text, std::to_string(i));
  EXPECT_EQ(other.run({"DBSIZE"}).text, "100");
  EXPECT_TRUE(other.run({"RANDOMKEY"}).text.starts_with("key-"));
  const auto across = client.run({"MSET", "key-1", "x", "key-2", "x", "key-3", "x"});
  EXPECT_EQ(across.what, kind::error);
  EXPECT_TRUE(across.text.starts_with("CROSSSLOT ")) << across.text;
  EXPECT_EQ(client.run({"GET", "key-1"}).text, "1") << "not executed";
  EXPECT_EQ(client.run({"MSET", "{x}1", "a", "{x}2", "b"}).text, "OK");
  EXPECT_EQ(client.run({"FLUSHALL"}).text, "OK");
  EXPECT_EQ(other.run({"DBSIZE"}).text, "0");
}

TEST(PartitionedCluster, IsShownLedAndChangedAsAWholeOrByPartition) {
  process_cluster cluster{{"a", "b", "c"}, "", eight};
  cluster.start_all();
  ASSERT_TRUE(every_partition_is_led(cluster)) << cluster.output("a");
  EXPECT_THAT(cluster.command("a", "status").output, ContainsRegex("a +up +kv +leads [0-8] of 8"));
  EXPECT_THAT(cluster.command("a", "status --partitions").output,
              ContainsRegex("b +up +kv/7 +(leader|follower)"));
  const auto one = cluster.command("a", "lead --node c --partition 3");
  EXPECT_EQ(one.code, 0) << one.output;
  EXPECT_THAT(cluster.command("a", "status --partitions").output,
              ContainsRegex("c +up +kv/3 +leader"));
  const auto all = cluster.command("a", "lead --node b");
  EXPECT_EQ(all.code, 0) << all.output;
  EXPECT_EQ(led_by(cluster, "b"), 8) << all.output;
  EXPECT_EQ(cluster.command("a", "lead --node b --partition 8").code, 2);
  const auto list = cluster.command("a", "members list");
  EXPECT_EQ(list.code, 0);
  EXPECT_THAT(list.output, ContainsRegex("b +voter +1 +leads 8 of 8"));
  const auto removed = cluster.command("a", "members remove --node c");
  EXPECT_EQ(removed.code, 0) << removed.output;
  EXPECT_THAT(cluster.command("a", "members list").output, testing::Not(HasSubstr("c  ")));
  EXPECT_THAT(cluster.http_get("a", "/metrics"),
              HasSubstr("understudy_groups_led{service=\"kv\"}"));
}

TEST(PartitionedCluster, RefusesAnotherNumberOfPartitionsOnItsData) {
  process_cluster cluster{{"a"}, "", eight};
  cluster.start("a");
  ASSERT_TRUE(every_partition_is_led(cluster)) << cluster.output("a");
  cluster.signal("a", SIGTERM);
  EXPECT_EQ(cluster.wait_for_exit("a", 30s), 0) << cluster.output("a");
  cluster.configure("a", "partitions = 4\n");
  cluster.start("a");
  EXPECT_EQ(cluster.wait_for_exit("a", 30s), 1);
  EXPECT_THAT(
      cluster.output("a"),
      HasSubstr("the data directory holds kv in 8 partitions, and the configuration has 4"));
}

}  // namespace
}  // namespace us::test
