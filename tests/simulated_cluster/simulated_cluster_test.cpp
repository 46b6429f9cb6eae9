// What the public kit promises about clusters and clients.
#include "actors/simulation/gtest.hpp"
#include "apps/counter/counter_service.hpp"

#include "apps/counter/counter.capnp.h"

namespace us {
namespace {

using namespace std::chrono_literals;
using counter::Add;
using counter::Total;

void one(Add::Builder add) {
  add.setName("x");
  add.setAmount(1);
}

simulated_cluster three() {
  return simulated_cluster{{.seed = test_seed()}, counter_service()};
}

TEST(SimulatedCluster, ElectsWhomItIsTold) {
  auto cluster = three();
  for (const auto* name : {"c", "a", "b"}) {
    EXPECT_TRUE(cluster.elect(name));
    EXPECT_EQ(cluster.leader(), name);
  }
}

TEST(SimulatedCluster, HasNoLeaderWithoutAMajority) {
  auto cluster = three();
  ASSERT_TRUE(cluster.elects_leader());
  cluster.node("a").crash();
  cluster.node("b").crash();
  cluster.advance(5s);
  EXPECT_EQ(cluster.leader(), "");
  EXPECT_FALSE(cluster.elects_leader(5s));
}

TEST(SimulatedCluster, SaysInWhatReplicasDiffer) {
  auto cluster = three();
  ASSERT_TRUE(cluster.elect("a"));
  cluster.advance(100ms);
  EXPECT_EQ(cluster.disagreement(), "");
  cluster.network().isolate({"c"});
  auto added = cluster.client_at("a").call<Add, Total>(one);
  ASSERT_TRUE(cluster.advance_until([&] { return added.ended(); }, 1s));
  EXPECT_NE(cluster.disagreement().find("has applied"), std::string::npos);
  cluster.node("c").crash();
  EXPECT_EQ(cluster.disagreement(), "c has no running replica");
  cluster.liveness_phase();
  EXPECT_TRUE(cluster.replicas_agree());
}

TEST(SimulatedCluster, CallsEveryIntervalUntilToldToStop) {
  auto cluster = three();
  int calls = 0;
  cluster.every(10ms, [&] { return ++calls < 5; });
  cluster.advance(1s);
  EXPECT_EQ(calls, 5);
}

TEST(SimulatedCluster, FailsALivenessPhaseThatCannotEnd) {
  auto cluster = three();
  cluster.every(10ms, [&] {
    cluster.node("a").crash();
    return true;
  });
  EXPECT_THROW(cluster.liveness_phase(3s), simulation_failure);
}

TEST(SimulatedClient, GivesTheReplyOfACallThatIsDone) {
  auto cluster = three();
  auto& client = cluster.client_at("b");
  auto first = client.call<Add, Total>(one);
  EXPECT_FALSE(first.ended());
  EXPECT_THROW((void)first.reply(), std::logic_error);
  EXPECT_EQ(client.open(), 1u);
  std::int64_t told = 0;
  first.then([&](const simulated_call<Total>& call) { told = call.reply().getValue(); });
  ASSERT_TRUE(cluster.advance_until([&] { return first.ended(); }, 5s));
  EXPECT_TRUE(first.done());
  EXPECT_EQ(first.reply().getValue(), 1);
  EXPECT_EQ(told, 1);
  EXPECT_EQ(client.open(), 0u);
}

TEST(SimulatedClient, CannotCallFromANodeThatIsDown) {
  auto cluster = three();
  cluster.node("b").crash();
  const auto call = cluster.client_at("b").call<Add, Total>(one);
  EXPECT_EQ(call.outcome(), outcome_kind::rejected);
  EXPECT_EQ(call.text(), "b is down");
}

TEST(SimulatedClient, DoesNotKnowWhatBecameOfACallWhenItsNodeGoesDown) {
  auto cluster = three();
  ASSERT_TRUE(cluster.elect("a"));
  auto& client = cluster.client_at("b");
  auto call = client.call<Add, Total>(one);
  cluster.node("b").crash();
  EXPECT_EQ(call.outcome(), outcome_kind::unknown);
  cluster.node("b").restart();
  auto again = client.call<Add, Total>(one);
  EXPECT_TRUE(cluster.advance_until([&] { return again.ended(); }, 5s));
  EXPECT_TRUE(again.done()) << again.text();
}

TEST(SimulatedClient, IsOneOfManyOnItsNode) {
  auto cluster = three();
  auto first = cluster.client_at("a", 0).call<Add, Total>(one);
  auto second = cluster.client_at("a", 1).call<Add, Total>(one);
  cluster.advance(2s);
  ASSERT_TRUE(first.done() && second.done());
  EXPECT_EQ(first.reply().getValue() + second.reply().getValue(), 3);
}

TEST(SimulatedClient, LeavesOpenCallsAloneWhenTheClusterEnds) {
  bool told = false;
  {
    auto cluster = three();
    cluster.client_at("a").call<Add, Total>(one).then([&](const auto&) { told = true; });
  }
  EXPECT_FALSE(told);
}

}  // namespace
}  // namespace us
