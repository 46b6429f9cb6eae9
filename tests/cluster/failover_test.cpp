// Three real processes, real sockets, real disks: the leader is killed again and again under load.
#include "tests/cluster/list_writer.hpp"
#include "tests/cluster/process_cluster.hpp"
#include "tests/cluster/redis_client.hpp"

#include <gtest/gtest.h>

#include <signal.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <thread>

namespace us::test {
namespace {

using namespace std::chrono_literals;
using kind = redis_client::answer::kind;

// {a, b, c}, ten times kill -9 of the leader under load, one id per write.
TEST(KilledLeader, LosesNoAcknowledgedWriteAndExecutesNoneTwice) {
  process_cluster cluster;
  cluster.start_all();
  ASSERT_FALSE(cluster.wait_for_leader().empty()) << cluster.output("a");
  std::vector<std::unique_ptr<list_writer>> writers;
  for (int i = 0; i < 6; ++i) writers.push_back(std::make_unique<list_writer>(cluster, i));
  auto acknowledged = [&] {
    std::size_t sum = 0;
    for (const auto& w : writers) sum += w->acknowledged();
    return sum;
  };
  for (int round = 0; round < 10; ++round) {
    const auto enough = acknowledged() + 200;
    ASSERT_TRUE(eventually([&] { return acknowledged() > enough; })) << "no progress in round " << round;
    const auto leader = cluster.wait_for_leader();
    ASSERT_FALSE(leader.empty());
    cluster.kill_hard(leader);
    const auto after = acknowledged() + 50;
    ASSERT_TRUE(eventually([&] { return acknowledged() > after; })) << "no failover in round " << round;
    cluster.start(leader);
  }
  for (auto& w : writers) w->stop();
  const auto leader = cluster.wait_for_leader();
  ASSERT_FALSE(leader.empty());
  redis_client client{cluster.redis_port(leader), 10'000};
  for (const auto& w : writers) w->reconcile(client);
}

// Every node answers, and reads what was written at another a moment ago.
TEST(EveryNode, TakesWritesAndReadsTheNewest) {
  process_cluster cluster;
  cluster.start_all();
  ASSERT_FALSE(cluster.wait_for_leader().empty());
  for (int i = 0; i < 50; ++i) {
    for (const auto& node : cluster.nodes()) {
      redis_client writer{cluster.redis_port(node), 10'000};
      const auto value = node + std::to_string(i);
      ASSERT_EQ(writer.run({"SET", "x", value}).text, "OK");
      for (const auto& other : cluster.nodes()) {
        redis_client reader{cluster.redis_port(other), 10'000};
        ASSERT_EQ(reader.run({"GET", "x"}).text, value) << "written at " << node << ", read at " << other;
      }
    }
  }
}

// SIGTERM: leadership is handed over, the process drains and ends with 0.
TEST(StoppedLeader, HandsOverDrainsAndEnds) {
  process_cluster cluster;
  cluster.start_all();
  const auto leader = cluster.wait_for_leader();
  ASSERT_FALSE(leader.empty());
  cluster.signal(leader, SIGTERM);
  EXPECT_EQ(cluster.wait_for_exit(leader, 30s), 0) << cluster.output(leader);
  const auto next = cluster.wait_for_leader();
  EXPECT_NE(next, leader);
  EXPECT_NE(cluster.output(next).find("handed over"), std::string::npos) << cluster.output(next);
  cluster.start(leader);
  EXPECT_TRUE(eventually([&] {
    redis_client client{cluster.redis_port(leader), 2'000};
    return client.run({"PING"}).text == "PONG" && client.run({"SET", "y", "1"}).text == "OK";
  }));
}

// A follower under SIGSTOP while the others are written to: they do not grow, it catches up.
TEST(StalledFollower, GrowsNoOtherProcessAndCatchesUp) {
  process_cluster cluster;
  cluster.start_all();
  const auto leader = cluster.wait_for_leader();
  ASSERT_FALSE(leader.empty());
  const auto stalled = leader == "a" ? "b" : "a";
  redis_client client{cluster.redis_port(leader), 10'000};
  const std::string value(64 << 10, 'v');
  for (int i = 0; i < 50; ++i) ASSERT_EQ(client.run({"SET", "warm", value}).text, "OK");
  const auto before = cluster.resident_kib(leader);
  cluster.signal(stalled, SIGSTOP);
  for (int i = 0; i < 3000; ++i)  // 190 MiB
    ASSERT_EQ(client.run({"SET", "k" + std::to_string(i % 10), value}).text, "OK");
  EXPECT_LT(cluster.resident_kib(leader), before + (128u << 10));
  cluster.signal(stalled, SIGCONT);
  EXPECT_TRUE(eventually([&] {
    const auto mine = cluster.http_get(stalled, "/api/v1/status");
    const auto theirs = cluster.http_get(leader, "/api/v1/status");
    auto applied = [](const std::string& s) {
      const auto at = s.find("\"applied_index\":");
      return at == std::string::npos ? std::string{} : s.substr(at, s.find(',', at) - at);
    };
    return !applied(mine).empty() && applied(mine) == applied(theirs);
  }, 60s));
}

}  // namespace
}  // namespace us::test
