// The heartbeat monitor over real links: what it is told of a process that ends.
#include "runtime/health/heartbeat_monitor.hpp"
#include "tests/live/live_cluster.hpp"

#include <gtest/gtest.h>

namespace us {
namespace {

struct MonitorOverLinks : testing::Test {
  test::temporary_directory home;
  live_system system;
  cluster_config cluster = test::make_cluster({"a", "b"}, home.path());

  struct watched_node : test::running_node {
    caf::actor monitor;
  };
  watched_node start(const std::string& name) {
    watched_node started{test::start_node(system, cluster, name), {}};
    started.monitor = spawn_heartbeat_monitor(system.actors(), started.node(), nullptr);
    return started;
  }
  // As a kill does it: no goodbye.
  void crash(watched_node& n) {
    n.live->stop();
    caf::anon_send_exit(n.monitor, caf::exit_reason::kill);
    caf::scoped_actor self{system.actors()};
    self->wait_for(n.monitor);
  }
  void end(watched_node& n) { test::end_actors(system, {n.monitor}); }
};

// Long before any silence could say so: the silence allowed here is a minute.
TEST_F(MonitorOverLinks, KnowsThatTheAcceptingNodesProcessIsGone) {
  cluster.timing.heartbeat_silence_max = std::chrono::minutes{1};
  cluster.timing.phi_threshold = 1e9;
  auto a = start("a");
  auto b = start("b");
  ASSERT_TRUE(a.log->wait_for("b is heard (seen from a)"));
  crash(b);
  EXPECT_TRUE(a.log->wait_for("b is gone"));
  end(a);
}

TEST_F(MonitorOverLinks, KnowsThatTheDiallingNodesProcessIsGone) {
  cluster.timing.heartbeat_silence_max = std::chrono::minutes{1};
  cluster.timing.phi_threshold = 1e9;
  auto a = start("a");
  auto b = start("b");
  ASSERT_TRUE(b.log->wait_for("a is heard (seen from b)"));
  crash(a);
  EXPECT_TRUE(b.log->wait_for("a is gone"));
  end(b);
}

TEST_F(MonitorOverLinks, HearsTheGoodbyeOfANodeThatStops) {
  auto a = start("a");
  auto b = start("b");
  ASSERT_TRUE(b.log->wait_for("a is heard (seen from b)"));
  ASSERT_TRUE(a.log->wait_for("b is heard (seen from a)"));
  end(a);
  a.live->stop();
  EXPECT_TRUE(b.log->wait_for("a said goodbye"));
  end(b);
}

TEST_F(MonitorOverLinks, HearsANodeThatWasRestarted) {
  auto a = start("a");
  for (int round = 0; round < 2; ++round) {
    auto b = start("b");
    ASSERT_TRUE(a.log->wait_for(round == 0 ? "b is heard" : "b was restarted"));
    crash(b);
    ASSERT_TRUE(a.log->wait_for("b is gone"));
  }
  end(a);
}

}  // namespace
}  // namespace us
