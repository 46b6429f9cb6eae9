/// What each kind of fault does while it lasts, and that it is over afterwards.

#include "runtime/simulation/gtest.hpp"
#include "tests/simulation/toy.hpp"

#include <array>
#include <set>

namespace us {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string> five{"a", "b", "c", "d", "e"};

/// A cluster whose nodes beat once a millisecond.
struct beating_cluster {
  explicit beating_cluster(std::vector<std::string> nodes)
      : sim{{.nodes = std::move(nodes), .seed = test_seed()}, toy::beating(seen, 1ms)} {
    sim.run_for(50ms);
  }
  void strike(fault_kind kind, std::vector<std::string> nodes, double amount = 0) {
    sim.play({{{0s, 100ms, kind, std::move(nodes), amount}}, 100ms});
    sim.run_for(10ms);
  }
  /// Who hears whom in the next 50 ms: "ab" when b hears a.
  std::set<std::string> heard() {
    auto before = seen->beats_from;
    sim.run_for(50ms);
    std::set<std::string> pairs;
    for (const auto& [pair, count] : seen->beats_from)
      if (count > before[pair]) pairs.insert(pair.first + pair.second);
    return pairs;
  }
  std::uint64_t under_way() {
    const auto counts = sim.network().counts();
    return counts.sent - counts.delivered;
  }
  void expect_over() {
    sim.run_for(500ms);
    const auto count = sim.nodes().size();
    EXPECT_EQ(heard().size(), count * (count - 1));
    EXPECT_LT(under_way(), count * count);
  }

  std::shared_ptr<toy::record> seen = std::make_shared<toy::record>();
  simulation sim;
};

/// Every pair of these nodes, both ways.
std::set<std::string> all_pairs(const std::vector<std::string>& nodes) {
  std::set<std::string> pairs;
  for (const auto& x : nodes)
    for (const auto& y : nodes)
      if (x != y) pairs.insert(x + y);
  return pairs;
}

// a - b - c - d - e - a
TEST(FaultKind, RingLeavesEachNodeAMajorityOfItsOwn) {
  beating_cluster cluster{five};
  cluster.strike(fault_kind::partition_ring, five);
  EXPECT_EQ(cluster.heard(),
            (std::set<std::string>{"ab", "ba", "bc", "cb", "cd", "dc", "de", "ed", "ea", "ae"}));
  cluster.sim.run_for(100ms);
  EXPECT_EQ(cluster.heard(), all_pairs(five));
}

// a - c - b
TEST(FaultKind, RingOfThreeHasABridge) {
  beating_cluster cluster{{"a", "b", "c"}};
  cluster.strike(fault_kind::partition_ring, {"a", "b", "c"});
  EXPECT_EQ(cluster.heard(), (std::set<std::string>{"ac", "ca", "bc", "cb"}));
}

TEST(FaultKind, OneWayPartitionIsDeafInOneDirection) {
  beating_cluster cluster{{"a", "b", "c", "d"}};
  cluster.strike(fault_kind::partition_one_way, {"a", "b"});
  auto expected = all_pairs({"a", "b", "c", "d"});
  for (const auto* lost : {"ac", "ad", "bc", "bd"}) expected.erase(lost);
  EXPECT_EQ(cluster.heard(), expected);
  cluster.sim.run_for(100ms);
  EXPECT_EQ(cluster.heard(), all_pairs({"a", "b", "c", "d"}));
}

TEST(FaultKind, ClientsAloneAreCutOff) {
  beating_cluster cluster{{"a", "b"}};
  auto& sim = cluster.sim;
  sim.add_node("client", toy::beating(cluster.seen, 1ms), false).start();
  sim.run_for(50ms);
  EXPECT_GT(sim.network().counts("client", "a").delivered, 40u);
  cluster.strike(fault_kind::cut_clients, {});
  const auto before = sim.network().counts("client", "a").delivered;
  EXPECT_EQ(cluster.heard(), all_pairs({"a", "b"}));
  EXPECT_EQ(sim.network().counts("client", "a").delivered, before);
  sim.run_for(100ms);
  EXPECT_GT(sim.network().counts("client", "a").delivered, before);
}

TEST(FaultKind, ThrottledLinksQueueAndCatchUpAtTheEnd) {
  beating_cluster cluster{{"a", "b"}};
  const auto sent = cluster.sim.network().counts().sent;
  cluster.strike(fault_kind::throttle, {}, 1000);
  cluster.sim.run_for(85ms);
  const auto queued = cluster.under_way();
  EXPECT_GT(queued, (cluster.sim.network().counts().sent - sent) / 2);
  cluster.expect_over();
}

// Out of order, so that one late frame does not hold up all behind it.
TEST(FaultKind, DelaysHaveTheShapeOfTheirName) {
  const auto mean_delay_ms = [](fault_kind kind, double amount) {
    beating_cluster cluster{five};
    cluster.sim.network().reorder(1);
    cluster.sim.play({{{0s, 4s, kind, {}, amount}}, 4s});
    cluster.sim.run_for(2s);
    double sum = 0;
    for (int i = 0; i < 100; ++i) {
      cluster.sim.run_for(10ms);
      sum += static_cast<double>(cluster.under_way());
    }
    // By Little's law, at 20 links of 1000 frames a second; two and a half: out of order.
    return sum / 100 / 20 / 2.5;
  };
  EXPECT_NEAR(mean_delay_ms(fault_kind::delay, 20), 10, 1);
  EXPECT_NEAR(mean_delay_ms(fault_kind::delay_tail, 20), 30, 3);
  EXPECT_NEAR(mean_delay_ms(fault_kind::delay_spikes, 500), 10, 2);
}

TEST(FaultKind, StopIsInOrderAndStartsAgain) {
  beating_cluster cluster{{"a", "b"}};
  cluster.strike(fault_kind::stop, {"a"});
  EXPECT_FALSE(cluster.sim.node("a").running());
  EXPECT_EQ(cluster.sim.timeline().count("kill"), 0u);
  cluster.sim.run_for(100ms);
  EXPECT_TRUE(cluster.sim.node("a").running());
  EXPECT_EQ(cluster.sim.node("a").starts(), 2u);
}

TEST(FaultKind, UpgradeStartsTheNextProgramOnce) {
  beating_cluster cluster{{"a", "b"}};
  auto& sim = cluster.sim;
  auto next = std::make_shared<toy::record>();
  sim.node("a").upgrade_to(toy::beating(next, 1ms));
  cluster.strike(fault_kind::crash, {"a"});
  sim.run_for(200ms);
  EXPECT_EQ(next->ticks["a"], 0u) << "a crash is no upgrade";
  cluster.strike(fault_kind::upgrade, {"a", "b"});
  sim.run_for(200ms);
  EXPECT_GT(next->ticks["a"], 50u);
  EXPECT_EQ(next->ticks["b"], 0u) << "without a next program it runs the one it had";
  EXPECT_TRUE(sim.node("b").running());
}

TEST(FaultKind, ReplaceComesBackWithAnEmptyDisk) {
  auto seen = std::make_shared<toy::record>();
  simulation sim{{.nodes = {"a", "b"}, .seed = test_seed()}, toy::beating(seen, 1ms, true)};
  sim.run_for(500ms);
  const auto used = sim.node("a").disk().used();
  EXPECT_GT(used, 1000u);
  sim.play({{{0s, 100ms, fault_kind::replace, {"a"}}}, 100ms});
  sim.run_for(110ms);
  EXPECT_TRUE(sim.node("a").running());
  EXPECT_LT(sim.node("a").disk().used(), used / 2);
}

/// What a write, a sync and a read of a file on node a say: "ok" or the error.
std::array<std::string, 3> use_disk(simulation& sim) {
  std::array<std::string, 3> said;
  auto opened = sim.node("a").context()->ports.disk->open("f", open_mode::create);
  if (!opened) return {opened.error().text, "", ""};
  std::array<std::byte, 64> bytes{};
  auto& f = **opened;
  const auto say = [](const auto& result) {
    return result ? "ok" : to_string(result.error().code);
  };
  said[0] = say(f.write_at(*f.size(), bytes));
  said[1] = say(f.sync());
  const auto read = f.read_at(0, bytes);
  said[2] = say(read);
  for (const auto b : bytes)
    if (b != std::byte{0}) said[2] = "wrong";
  return said;
}

TEST(FaultKind, OfDisksFailsWhatItsNameSaysAndNothingElse) {
  struct expectation {
    fault_kind kind;
    double amount;
    std::array<std::string, 3> said;
  };
  const std::string ok = "ok", failed = to_string(errc::io_failed);
  const std::array<expectation, 5> all{
      {{fault_kind::full_disk, 10, {to_string(errc::disk_full), ok, ok}},
       {fault_kind::fail_writes, 1, {failed, ok, ok}},
       {fault_kind::fail_syncs, 1, {ok, failed, ok}},
       {fault_kind::fail_reads, 1, {ok, ok, failed}},
       {fault_kind::flip_bits, 1, {ok, ok, "wrong"}}}};
  for (const auto& each : all) {
    auto seen = std::make_shared<toy::record>();
    simulation sim{{.nodes = {"a"}, .seed = test_seed()}, toy::beating(seen)};
    EXPECT_EQ(use_disk(sim), (std::array{ok, ok, ok}));
    sim.play({{{0s, 100ms, each.kind, {"a"}, each.amount}}, 100ms});
    sim.run_for(50ms);
    EXPECT_EQ(use_disk(sim), each.said) << to_string(each.kind);
    sim.run_for(60ms);
    EXPECT_EQ(use_disk(sim), (std::array{ok, ok, ok})) << to_string(each.kind);
  }
}

TEST(FaultKind, StrikesEveryNodeItNames) {
  beating_cluster cluster{five};
  cluster.strike(fault_kind::crash, {"a", "c", "e"});
  for (const auto& name : five)
    EXPECT_EQ(cluster.sim.node(name).running(), name == "b" || name == "d") << name;
}

TEST(FaultKind, OfUnknownNodesFailsTheRunAtOnce) {
  beating_cluster cluster{five};
  EXPECT_THROW(cluster.sim.play({{{1h, 1s, fault_kind::crash, {"x"}}}, 1h}), simulation_failure);
  EXPECT_THROW(cluster.sim.play({{{1h, 1s, fault_kind::clog, {"a"}}}, 1h}), simulation_failure);
}

}  // namespace
}  // namespace us
