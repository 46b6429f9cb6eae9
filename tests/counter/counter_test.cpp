// The tutorial's service under faults: what a test of one's own service looks like.
#include "actors/simulation/gtest.hpp"
#include "apps/counter/counter_service.hpp"

#include "apps/counter/counter.capnp.h"

namespace {

using namespace std::chrono_literals;
using counter::Add;
using counter::Get;
using counter::Total;

auto add(std::int64_t amount) {
  return [amount](Add::Builder to) {
    to.setName("visitors");
    to.setAmount(amount);
  };
}
void visitors(Get::Builder to) {
  to.setName("visitors");
}

// {leader} | {the others}: the majority side goes on, the minority side acknowledges nothing.
TEST(CounterPartition, OnlyTheMajoritySideCounts) {
  us::simulated_cluster cluster{{.nodes = 5, .seed = us::test_seed()}, counter_service()};
  ASSERT_TRUE(cluster.elect("a"));
  cluster.network().split({"a", "b"}, {"c", "d", "e"});
  auto lost = cluster.client_at("a").call<Add, Total>(add(100));
  ASSERT_TRUE(cluster.elects_leader_among({"c", "d", "e"}));
  auto counted = cluster.client_at("c").call<Add, Total>(add(1));
  cluster.advance(6s);
  EXPECT_TRUE(lost.ended() && !lost.done());
  ASSERT_TRUE(counted.done());
  cluster.network().heal();
  cluster.liveness_phase();
  auto total = cluster.client_at("a").call<Get, Total>(visitors);
  cluster.advance(1s);
  EXPECT_EQ(total.reply().getValue(), 1);
}

// Every seed brings other faults; what was acknowledged is never lost and never counted twice.
TEST(Counter, CountsEveryAcknowledgedRequestOnce) {
  us::sweep({.nodes = 3, .faults = us::intensity::rough}, 10, [](const us::cluster_options& how) {
    us::simulated_cluster cluster{how, counter_service()};
    std::int64_t submitted = 0;
    std::vector<us::simulated_call<Total>> calls;
    cluster.every(50ms, [&] {
      const auto& at = cluster.nodes()[calls.size() % cluster.nodes().size()];
      calls.push_back(cluster.client_at(at).call<Add, Total>(add(1)));
      return ++submitted < 200;
    });
    cluster.safety_phase();
    cluster.liveness_phase();
    cluster.advance(6s);
    auto total = cluster.client_at("a").call<Get, Total>(visitors);
    cluster.advance(1s);
    ASSERT_TRUE(total.done()) << total.text();
    const auto ended = [&](us::outcome_kind how_it_ended) {
      return std::count_if(calls.begin(), calls.end(),
                           [&](const auto& call) { return call.outcome() == how_it_ended; });
    };
    EXPECT_GE(total.reply().getValue(), ended(us::outcome_kind::done));
    EXPECT_LE(total.reply().getValue(), submitted - ended(us::outcome_kind::rejected));
    EXPECT_GT(ended(us::outcome_kind::done), 0);
  });
}

}  // namespace
