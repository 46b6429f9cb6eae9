// Reads that replicas answer themselves, in simulation.
#include "runtime/simulation/gtest.hpp"
#include "tests/leader_follower/sim_cluster.hpp"

#include <gtest/gtest.h>

#include "tests/leader_follower/test_schema.capnp.h"

namespace us::test {
namespace {

using namespace std::chrono_literals;
using kind = read_policy::kind;

constexpr read_policy local{.who = kind::local};
constexpr read_policy within(duration staleness) {
  return {.who = kind::bounded, .staleness = staleness};
}

class Reads : public testing::Test {
 protected:
  Reads() {
    cluster.work().stopped = true;
    EXPECT_TRUE(cluster.wait_for_leader(2s));
    for (const auto& name : cluster.sim().nodes())
      if (name != cluster.leader()) (one.empty() ? one : other) = name;
  }
  simulated_call<Register> append(const std::string& at, std::uint64_t item) {
    return cluster.cluster().client_at(at).call<AppendOnce, Register>([item](auto what) {
      what.setKey("list");
      what.setItem(item);
    });
  }
  void expect_appended(const std::string& at, std::uint64_t item) {
    auto call = append(at, item);
    cluster.sim().run_for(1s);
    ASSERT_TRUE(call.done()) << call.text();
  }
  simulated_call<Register> read(const std::string& at, const read_policy& how) {
    return cluster.cluster().client_at(at).call<Read, Register>(
        [](Read::Builder what) { what.setKey("list"); }, {.reads = how});
  }
  std::size_t length(const simulated_call<Register>& call) {
    return call.done() ? call.reply().getItems().size() : 0;
  }

  sim_cluster cluster{{.seed = test_seed()}};
  std::string one, other;  ///< followers
};

// {one} | {the others}: what was known until then is new enough for a while, and not for longer.
TEST_F(Reads, AReplicaAnswersAloneForAsLongAsTheBoundAllows) {
  expect_appended(one, 1);
  auto asked = read(one, within(0ms));
  cluster.sim().run_for(200ms);
  ASSERT_EQ(length(asked), 1u) << asked.text();
  ASSERT_TRUE(asked.age());
  EXPECT_LT(*asked.age(), 100ms) << "it asked the leader";
  cluster.sim().network().isolate({one});
  expect_appended(other, 2);
  auto in_bound = read(one, within(10s));
  cluster.sim().run_for(1ms);
  ASSERT_EQ(length(in_bound), 1u) << in_bound.text();
  EXPECT_GT(*in_bound.age(), 1s);
  auto beyond = read(one, within(500ms));
  auto whatever = read(one, local);
  cluster.sim().run_for(1ms);
  EXPECT_EQ(length(whatever), 1u);
  EXPECT_FALSE(beyond.ended());
  cluster.sim().run_for(6s);
  EXPECT_EQ(beyond.outcome(), outcome_kind::rejected);
  EXPECT_NE(beyond.text().find("new enough"), std::string::npos) << beyond.text();
  cluster.sim().network().heal();
  cluster.sim().run_for(1s);
  auto healed = read(one, within(500ms));
  cluster.sim().run_for(1s);
  EXPECT_EQ(length(healed), 2u) << healed.text();
}

TEST_F(Reads, ABoundOfZeroSeesWhatWasAcknowledgedBefore) {
  for (std::uint64_t item = 1; item <= 20; ++item) {
    auto written = append(other, item);
    while (!written.ended()) cluster.sim().run_for(1ms);
    ASSERT_TRUE(written.done());
    auto seen = read(one, within(0ms));
    while (!seen.ended()) cluster.sim().run_for(1ms);
    EXPECT_EQ(length(seen), item) << seen.text();
  }
}

// Of a client that moves from node to node.
TEST_F(Reads, WhatAnAnswerHasSeenIsSeenElsewhere) {
  auto old = read(one, within(0ms));
  cluster.sim().run_for(500ms);
  ASSERT_TRUE(old.done());
  cluster.sim().network().isolate({one});
  auto written = append(other, 1);
  cluster.sim().run_for(500ms);
  ASSERT_TRUE(written.done());
  ASSERT_FALSE(written.index().none());
  auto own = within(1h);
  own.after = written.index();
  auto read_own = read(one, own);
  auto stale = read(one, within(1h));
  cluster.sim().run_for(300ms);
  EXPECT_TRUE(stale.done());
  EXPECT_EQ(length(stale), 0u);
  EXPECT_FALSE(read_own.ended()) << "it is not there yet";
  cluster.sim().network().heal();
  cluster.sim().run_for(1s);
  EXPECT_EQ(length(read_own), 1u) << read_own.text();
}

// {the others} | {other}: a client reads at one and moves to the other, which lacks what it saw. It
// waits there, and is refused in the end; it never sees an older state.
TEST_F(Reads, AClientThatMovesToALaggingReplicaSeesNothingOlder) {
  cluster.sim().network().isolate({other});
  expect_appended(cluster.leader(), 1);
  auto seen = read(one, local);
  cluster.sim().run_for(1ms);
  ASSERT_EQ(length(seen), 1u) << seen.text();
  EXPECT_FALSE(seen.index().none()) << "it tells nothing to pass on";
  auto after = local;
  after.after = seen.index();
  auto moved = read(other, after);
  auto lags = read(other, local);
  cluster.sim().run_for(300ms);
  ASSERT_TRUE(lags.done());
  EXPECT_EQ(length(lags), 0u) << "it does not lag";
  EXPECT_LT(lags.index(), seen.index());
  EXPECT_FALSE(moved.ended()) << "it saw " << length(moved) << " items";
  cluster.sim().run_for(6s);
  EXPECT_EQ(moved.outcome(), outcome_kind::rejected);
  auto waits = read(other, after);
  cluster.sim().run_for(300ms);
  EXPECT_FALSE(waits.ended());
  cluster.sim().network().heal();
  cluster.sim().run_for(1s);
  EXPECT_EQ(length(waits), 1u) << waits.text();
  EXPECT_GE(waits.index(), seen.index());
}

TEST_F(Reads, WhatMayChangeSomethingIsForTheLeader) {
  for (const auto& at : {one, cluster.leader()})
    for (const auto& how : {local, within(1s)}) {
      auto call = cluster.cluster().client_at(at).call<AppendOnce, Register>(
          [](auto what) { what.setKey("list"); }, {.reads = how});
      cluster.sim().run_for(500ms);
      EXPECT_EQ(call.outcome(), outcome_kind::rejected) << at << " " << to_string(how);
      EXPECT_NE(call.text().find("only the leader"), std::string::npos) << call.text();
    }
  auto left = read(one, within(0ms));
  cluster.sim().run_for(500ms);
  EXPECT_EQ(length(left), 0u);
}

// {leader, a follower} | {three}: the old leader does not know that it is replaced, and its
// follower asks it: it must not tell how far the group is.
TEST(ReadsOfFive, ALeaderThatWasReplacedTellsNobodyHowFarTheGroupIs) {
  sim_cluster cluster{{.nodes = 5, .seed = test_seed()}};
  cluster.work().stopped = true;
  ASSERT_TRUE(cluster.wait_for_leader(2s));
  cluster.sim().run_for(200ms);
  const auto old = cluster.leader();
  const std::string one = old == "a" ? "b" : "a";
  const std::string other = old == "e" || one == "e" ? "d" : "e";
  const auto read = [&] {
    return cluster.cluster().client_at(one).call<Read, Register>(
        [](Read::Builder what) { what.setKey("list"); }, {.reads = within(0ms)});
  };
  auto before = read();
  cluster.sim().run_for(200ms);
  ASSERT_TRUE(before.done()) << before.text();
  cluster.sim().network().isolate({old, one});
  auto written = cluster.cluster().client_at(other).call<AppendOnce, Register>(
      [](auto what) { what.setKey("list"); });
  for (int i = 0; i < 3000 && !written.ended(); ++i) cluster.sim().run_for(1ms);
  ASSERT_TRUE(written.done());
  auto seen = read();
  cluster.sim().run_for(1s);
  EXPECT_FALSE(seen.done());
  cluster.sim().network().heal();
  cluster.sim().run_for(1s);
  ASSERT_TRUE(seen.done()) << seen.text();
  EXPECT_EQ(seen.reply().getItems().size(), 1u);
}

// A majority is gone, and with it whoever could lead.
TEST_F(Reads, LocalReadsNeedNobodyElse) {
  expect_appended(one, 1);
  for (const auto& name : cluster.sim().nodes())
    if (name != one) cluster.sim().node(name).crash();
  cluster.sim().run_for(3s);
  for (int i = 0; i < 20; ++i) {
    auto seen = read(one, local);
    cluster.sim().run_for(37ms);
    EXPECT_EQ(length(seen), 1u) << seen.text();
  }
}

}  // namespace
}  // namespace us::test
