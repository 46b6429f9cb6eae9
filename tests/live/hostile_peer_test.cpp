// What strangers and broken peers do to a node's links. The node under test is "b": "a", the
// smaller name, is the one that dials, and here a raw socket.
#include "runtime/live/link_hello.hpp"
#include "runtime/live/link_network.hpp"
#include "runtime/metrics.hpp"
#include "tests/live/live_cluster.hpp"
#include "tests/live/raw_peer.hpp"

#include <gtest/gtest.h>

namespace us {
namespace {

using test::hello_words;
using test::raw_peer;

struct HostilePeer : testing::Test {
  test::temporary_directory home;
  live_system system;
  cluster_config cluster = test::make_cluster({"a", "b"}, home.path());
  test::running_node b;

  void start_b() { b = test::start_node(system, cluster, "b"); }
  std::uint16_t port() const { return cluster.nodes[1].address.port; }
  raw_peer linked() {
    raw_peer a{port()};
    a.send(test::make_hello({.node = "a", .expects = "b"}));
    EXPECT_TRUE(a.receive());
    EXPECT_TRUE(b.log->wait_for("link_up peer=a"));
    return a;
  }
  std::string refused(const hello_words& words) {
    raw_peer stranger{port()};
    stranger.send(test::make_hello(words));
    auto answer = stranger.receive();
    stranger.await_close();
    return answer ? read_refused(*answer).value_or("no refusal") : "nothing";
  }
};

TEST_F(HostilePeer, OfAnotherClusterIsRefusedWithTheReason) {
  start_b();
  EXPECT_EQ(refused({.cluster = "other", .node = "a", .expects = "b"}),
            "this is cluster 'demo', not 'other'");
  EXPECT_TRUE(b.log->wait_for("link_refused"));
}

TEST_F(HostilePeer, ThatIsNoMemberIsRefused) {
  start_b();
  EXPECT_EQ(refused({.node = "x", .expects = "b"}), "node 'x' is no member of cluster 'demo'");
}

TEST_F(HostilePeer, ThatWantsAnotherNodeIsRefused) {
  start_b();
  EXPECT_EQ(refused({.node = "a", .expects = "c"}), "this is node 'b', not 'c'");
}

TEST_F(HostilePeer, WithTheSameNameIsRefused) {
  start_b();
  EXPECT_EQ(refused({.node = "b", .expects = "b"}), "both nodes are named 'b'");
}

TEST_F(HostilePeer, OfAProtocolThatIsTooOldIsRefused) {
  start_b();
  EXPECT_EQ(refused({.node = "a", .expects = "b", .version = 0}), "protocol version 0 is too old");
}

TEST_F(HostilePeer, ThatStartsWithAnotherFrameIsRefused) {
  start_b();
  raw_peer stranger{port()};
  stranger.send(test::make_beat(b.node(), "x", "y", 1));
  stranger.await_close();
  EXPECT_TRUE(b.log->wait_for("link_refused"));
}

TEST_F(HostilePeer, ThatSendsGarbageIsClosed) {
  start_b();
  raw_peer stranger{port()};
  std::vector<std::byte> garbage(4096, std::byte{0x5a});
  stranger.send(garbage);
  stranger.await_close();
  EXPECT_TRUE(b.log->wait_for("no frame"));
}

TEST_F(HostilePeer, ThatClaimsALongFrameBeforeItsHelloIsClosedAfterAFewBytes) {
  start_b();
  raw_peer stranger{port()};
  const std::uint32_t header[2] = {32u << 20, 0};
  stranger.send(std::as_bytes(std::span{header}));
  std::vector<std::byte> some(hello_bytes_max, std::byte{});
  stranger.send(some);
  stranger.await_close();
}

TEST_F(HostilePeer, ThatSaysNothingIsClosedAfterTheDeadline) {
  start_b();
  raw_peer{port()}.await_close();
}

TEST_F(HostilePeer, IsOneOfAFewStrangersOnly) {
  start_b();
  std::vector<std::unique_ptr<raw_peer>> strangers;
  for (int i = 0; i < 100; ++i) strangers.push_back(std::make_unique<raw_peer>(port()));
  // The last ones are over the bound and closed at once; members are still let in after the
  // strangers' deadline.
  strangers.back()->await_close();
  for (auto& each : strangers) each->await_close();
  linked();
}

TEST_F(HostilePeer, ThatForgesItsSenderIsNotDelivered) {
  start_b();
  auto heard = std::make_shared<test::happenings>();
  auto listener = test::spawn_listener(system, b.node(), "listener", heard);
  auto a = linked();
  a.send(test::make_beat(b.node(), "x", "listener", 1));  // says that it is from b
  EXPECT_TRUE(b.log->wait_for("frame_dropped reason=forged_sender"));
  EXPECT_EQ(heard->count("heard"), 0u);
  test::end_actors(system, {listener});
}

TEST_F(HostilePeer, ThatClaimsAnOversizedFrameIsClosed) {
  start_b();
  auto a = linked();
  const std::uint32_t header[2] = {0xfffffff8u, 0};
  a.send(std::as_bytes(std::span{header}));
  a.await_close();
  EXPECT_TRUE(b.log->wait_for("link_down peer=a"));
}

TEST_F(HostilePeer, ThatSendsAWrongChecksumIsClosed) {
  start_b();
  auto a = linked();
  auto f = test::make_hello({.node = "a"});
  const std::uint32_t header[2] = {static_cast<std::uint32_t>(f.size()), 12345};
  a.send(std::as_bytes(std::span{header}));
  a.send(f.payload());
  a.await_close();
}

// It connects, says hello and never reads. What the node keeps for it is bounded; the others
// are not held up, and what it would have got first is still in order when it reads at last.
TEST_F(HostilePeer, ThatNeverReadsCostsNoMoreThanItsBound) {
  cluster.link.max_inflight = 4u << 20;
  cluster.timing.heartbeat_silence_max = std::chrono::minutes{5};
  start_b();
  auto a = linked();
  auto& out = *std::dynamic_pointer_cast<link_network>(b.node()->ports.network)
                   ->find(node_id_of("a"));
  auto large = make_frame<message::Hello>(
      {0, {b.node()->id, {}}, actor_key_of("x"), {}},
      [](message::Hello::Builder hello) { hello.initCluster(100u << 10); });
  // The kernel's buffers fill first. The node is full when it stays so over many attempts.
  int full = 0;
  std::uint64_t taken = 0;
  for (int i = 0; i < 10'000'000 && full < 100'000; ++i) {
    auto answer = b.node()->send(node_id_of("a"), large);
    full = answer == errc::overloaded ? full + 1 : 0;
    taken += answer == errc::none ? 1u : 0u;
    ASSERT_LE(out.inflight(), cluster.link.max_inflight);
    if (full != 0) std::this_thread::yield();
  }
  EXPECT_EQ(full, 100'000);
  EXPECT_LE(taken * large.size(), 64u << 20);
  for (std::uint64_t i = 0; i < taken; ++i) ASSERT_TRUE(a.receive());
  EXPECT_EQ(out.inflight(), 0u);
}

TEST_F(HostilePeer, ThatNeverReadsDoesNotHoldUpTheEnd) {
  cluster.timing.heartbeat_silence_max = std::chrono::minutes{5};
  start_b();
  auto a = linked();
  auto large = make_frame<message::Hello>(
      {0, {b.node()->id, {}}, actor_key_of("x"), {}},
      [](message::Hello::Builder hello) { hello.initCluster(1u << 20); });
  while (b.node()->send(node_id_of("a"), large) == errc::none) {
  }
  b.live->stop();
}

// b dials c. When c, which only knocks, comes with a new incarnation while a connection to
// its old one still stands, the old one is dead: b ends it and dials.
TEST_F(HostilePeer, ThatKnocksWithANewIncarnationIsDialledAnew) {
  cluster = test::make_cluster({"b", "c"}, home.path());
  auto& c_port = cluster.nodes[1].address.port;
  b = test::start_node(system, cluster, "b");
  auto first = raw_peer::accept_on(c_port);
  ASSERT_TRUE(first.receive());
  first.send(test::make_hello({.node = "c", .incarnation = 1}));
  ASSERT_TRUE(b.log->wait_for("link_up peer=c"));
  raw_peer knock{cluster.nodes[0].address.port};
  knock.send(test::make_hello({.node = "c", .expects = "b", .incarnation = 2}));
  first.await_close();
  auto second = raw_peer::accept_on(c_port);
  ASSERT_TRUE(second.receive());
  second.send(test::make_hello({.node = "c", .incarnation = 2}));
  EXPECT_TRUE(b.log->wait_for("link_up peer=c"));
}

}  // namespace
}  // namespace us
