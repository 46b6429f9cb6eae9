// A service with partitions: each a group of its own, one service for its clients.
#include "actors/simulation/gtest.hpp"
#include "apps/counter/counter_service.hpp"

#include <map>

#include "apps/counter/counter.capnp.h"

namespace us {
namespace {

using namespace std::chrono_literals;
using counter::Add;
using counter::Get;
using counter::Total;

constexpr std::uint32_t partitions = 4;

std::string name_of(std::uint64_t counter) {
  return "counter-" + std::to_string(counter);
}

/// What clients were told of additions of one, by the counter's name.
struct told {
  std::int64_t done = 0;
  std::int64_t unknown = 0;
  std::int64_t open = 0;
};

/// Adds one to some counter now and then, from every node that runs and is not stopped.
class adding_load {
 public:
  explicit adding_load(simulated_cluster& cluster) : cluster_(cluster) {
    cluster_.every(10ms, [this] { return add(); });
  }
  void stop() { stopped_ = true; }
  const std::map<std::string, told>& counters() const { return counters_; }
  bool idle() const {
    return std::ranges::all_of(counters_, [](const auto& each) { return each.second.open == 0; });
  }

 private:
  bool add() {
    if (stopped_) return false;
    auto& chance = cluster_.world().random();
    const auto& nodes = cluster_.nodes();
    const auto& at = nodes[chance.between(0, nodes.size() - 1)];
    if (cluster_.node(at).paused()) return true;
    const auto name = name_of(chance.between(1, 12));
    auto& what = counters_[name];
    ++what.open;
    cluster_.client_at(at)
        .call<Add, Total>([&](Add::Builder to) {
          to.setName(name);
          to.setAmount(1);
        })
        .then([&what](const simulated_call<Total>& call) {
          --what.open;
          if (call.done()) ++what.done;
          if (call.outcome() == outcome_kind::unknown) ++what.unknown;
        });
    return true;
  }

  simulated_cluster& cluster_;
  std::map<std::string, told> counters_;
  bool stopped_ = false;
};

std::int64_t read(simulated_cluster& cluster, const std::string& at, const std::string& name) {
  auto got = cluster.client_at(at).call<Get, Total>([&](Get::Builder get) { get.setName(name); });
  EXPECT_TRUE(cluster.advance_until([&] { return got.ended(); }, 10s));
  EXPECT_TRUE(got.done()) << name << ": " << got.text();
  return got.done() ? got.reply().getValue() : -1;
}

TEST(Partitions, EachHasALeaderAndKeepsItsOwnKeys) {
  simulated_cluster cluster{{.seed = test_seed(), .partitions = partitions}, counter_service()};
  ASSERT_TRUE(cluster.elects_leader());
  adding_load load{cluster};
  cluster.advance(2s);
  load.stop();
  ASSERT_TRUE(cluster.advance_until([&] { return load.idle(); }, 10s));
  for (const auto& [name, what] : load.counters())
    for (const auto& node : cluster.nodes()) EXPECT_EQ(read(cluster, node, name), what.done);
  cluster.advance(1s);
  EXPECT_EQ(cluster.disagreement(), "");
}

// Leader of some partitions is gone: the others do not notice, and theirs goes on elsewhere.
TEST(Partitions, GoOnWithoutANode) {
  simulated_cluster cluster{{.seed = test_seed(), .partitions = partitions}, counter_service()};
  ASSERT_TRUE(cluster.elects_leader());
  adding_load load{cluster};
  cluster.advance(1s);
  const auto gone = cluster.leader(2);
  std::map<std::uint32_t, epoch> elsewhere;
  for (std::uint32_t i = 0; i < partitions; ++i)
    if (cluster.leader(i) != gone) elsewhere[i] = cluster.newest_leadership(i)->epoch;
  cluster.node(gone).crash();
  cluster.advance(1s);
  for (std::uint32_t i = 0; i < partitions; ++i) EXPECT_NE(cluster.leader(i), gone) << i;
  for (const auto& [partition, epoch] : elsewhere)
    EXPECT_EQ(cluster.newest_leadership(partition)->epoch, epoch) << partition;
  load.stop();
  cluster.liveness_phase();
}

// Under faults of every kind: what was acknowledged is counted, once, whichever partition has it.
TEST(Partitions, KeepWhatTheyAcknowledged) {
  sweep({.nodes = 3, .faults = intensity::rough, .length = 5s, .partitions = partitions}, 12,
        [](const cluster_options& how) {
          simulated_cluster cluster{how, counter_service()};
          adding_load load{cluster};
          cluster.safety_phase();
          cluster.liveness_phase();
          load.stop();
          ASSERT_TRUE(cluster.advance_until([&] { return load.idle(); }, 30s));
          for (const auto& [name, what] : load.counters()) {
            const auto value = read(cluster, "a", name);
            EXPECT_GE(value, what.done) << name;
            EXPECT_LE(value, what.done + what.unknown) << name;
          }
        });
}

// Other groups take no messages of a node that is configured otherwise: it forms no group with
// them.
TEST(Partitions, OfAnotherNumberAreNoMembersOfTheirGroups) {
  EXPECT_NE(seat_key("counter", {0, 4}), seat_key("counter", {0, 8}));
  EXPECT_NE(seat_key("counter", {0, 4}), seat_key("counter"));
  EXPECT_EQ(seat_key("counter", {0, 1}), seat_key("counter"));
}

}  // namespace
}  // namespace us
