// Links between nodes of this process, over TCP on loopback. "a" dials: its name is smaller.
#include "runtime/live/link_network.hpp"
#include "tests/live/live_cluster.hpp"

#include <thread>

#include <gtest/gtest.h>

namespace us {
namespace {

using test::happenings;

struct Links : testing::Test {
  test::temporary_directory home;
  live_system system;
  cluster_config cluster = test::make_cluster({"a", "b"}, home.path());
  std::shared_ptr<happenings> heard = std::make_shared<happenings>();

  test::running_node start(const std::string& name) {
    return test::start_node(system, cluster, name);
  }
};

// Asks again while the queue is full: what a protocol with flow control would do.
void send_all(const node_ptr& from, node_id to, std::uint64_t count) {
  for (std::uint64_t i = 1; i <= count;) {
    auto answer = from->send(to, test::make_beat(from, "sender", "listener", i));
    if (answer == errc::none)
      ++i;
    else
      std::this_thread::yield();
  }
}

TEST_F(Links, CarryFramesThereAndBack) {
  auto a = start("a");
  auto b = start("b");
  auto listener = test::spawn_listener(system, a.node(), "listener", heard);
  auto echo = test::spawn_echo(system, b.node(), "echo");
  ASSERT_TRUE(a.log->wait_for("link_up peer=b"));
  EXPECT_EQ(a.node()->send(b.node()->id, test::make_beat(a.node(), "listener", "echo", 1)),
            errc::none);
  EXPECT_TRUE(heard->wait_for("heard 1."));
  test::end_actors(system, {listener, echo});
}

TEST_F(Links, KeepTheOrderOfAHundredThousandFramesInEachDirection) {
  constexpr std::uint64_t count = 100'000;
  auto a = start("a");
  auto b = start("b");
  auto heard_by_a = std::make_shared<happenings>();
  auto at_a = test::spawn_listener(system, a.node(), "listener", heard_by_a, count);
  auto at_b = test::spawn_listener(system, b.node(), "listener", heard, count);
  ASSERT_TRUE(a.log->wait_for("link_up peer=b"));
  ASSERT_TRUE(b.log->wait_for("link_up peer=a"));
  {
    std::jthread one{[&] { send_all(a.node(), b.node()->id, count); }};
    std::jthread two{[&] { send_all(b.node(), a.node()->id, count); }};
  }
  auto last = "heard " + std::to_string(count) + ".";
  EXPECT_TRUE(heard->wait_for(last));
  EXPECT_TRUE(heard_by_a->wait_for(last));
  test::end_actors(system, {at_a, at_b});
}

TEST_F(Links, CarryAFrameOfManyMegabytes) {
  auto a = start("a");
  auto b = start("b");
  auto listener = test::spawn_listener(system, b.node(), "listener", heard);
  ASSERT_TRUE(a.log->wait_for("link_up peer=b"));
  auto large = make_frame<message::Hello>(
      {0, {a.node()->id, {}}, actor_key_of("listener"), {}}, [](message::Hello::Builder hello) {
        hello.setIncarnation(1);
        hello.initCluster(20u << 20);
      });
  EXPECT_EQ(a.node()->send(b.node()->id, large), errc::none);
  EXPECT_TRUE(heard->wait_for("heard 1."));
  test::end_actors(system, {listener});
}

TEST_F(Links, RefuseAFrameLargerThanThePeerTakes) {
  cluster.link.max_frame = 1u << 20;
  auto a = start("a");
  auto b = start("b");
  ASSERT_TRUE(a.log->wait_for("link_up peer=b"));
  auto large = make_frame<message::Hello>(
      {0, {a.node()->id, {}}, actor_key_of("listener"), {}},
      [](message::Hello::Builder hello) { hello.initCluster(2u << 20); });
  EXPECT_EQ(a.node()->send(b.node()->id, large), errc::overloaded);
}

TEST_F(Links, AreUnreachableBeforeThePeerIsThere) {
  auto a = start("a");
  EXPECT_EQ(a.node()->send(node_id_of("b"), test::make_beat(a.node(), "x", "y", 1)),
            errc::unreachable);
  EXPECT_EQ(a.node()->send(node_id_of("nobody"), test::make_beat(a.node(), "x", "y", 1)),
            errc::unreachable);
}

// The dialling side stays: it dials again when the accepting side is back.
TEST_F(Links, StandAgainAfterTheAcceptingNodeRestarts) {
  auto a = start("a");
  for (int round = 0; round < 3; ++round) {
    auto b = start("b");
    ASSERT_TRUE(a.log->wait_for("link_up peer=b"));
    b.live->stop();
    ASSERT_TRUE(a.log->wait_for("link_down peer=b"));
    EXPECT_EQ(a.node()->send(b.node()->id, test::make_beat(a.node(), "x", "y", 1)),
              errc::unreachable);
  }
}

// The accepting side stays: the restarted node dials.
TEST_F(Links, StandAgainAfterTheDiallingNodeRestarts) {
  auto b = start("b");
  for (int round = 0; round < 3; ++round) {
    auto a = start("a");
    ASSERT_TRUE(b.log->wait_for("link_up peer=a"));
    a.live->stop();
    ASSERT_TRUE(b.log->wait_for("link_down peer=a"));
  }
}

TEST_F(Links, ReportFramesForActorsThatDoNotExist) {
  auto a = start("a");
  auto b = start("b");
  ASSERT_TRUE(a.log->wait_for("link_up peer=b"));
  EXPECT_EQ(a.node()->send(b.node()->id, test::make_beat(a.node(), "x", "nobody", 1)), errc::none);
  EXPECT_TRUE(b.log->wait_for("frame_dropped reason=no_actor"));
}

TEST_F(Links, NeedAnAddressThatIsFree) {
  auto a = start("a");
  auto other = cluster;
  other.nodes[0].data = home / "elsewhere";
  auto second = make_live_node(system, other, other.nodes[0]);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().text.find("in use by another program"), std::string::npos);
}

}  // namespace
}  // namespace us
