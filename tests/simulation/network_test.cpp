/// The simulated network does what it is told: delay, loss, duplication, order, cuts, damage.

#include "runtime/simulation/gtest.hpp"
#include "tests/simulation/toy.hpp"

#include <algorithm>

namespace us {
namespace {

using namespace std::chrono_literals;

struct SimulatedNetwork : testing::Test {
  std::shared_ptr<toy::record> seen = std::make_shared<toy::record>();
  simulation sim{{.nodes = {"a", "b", "c"}, .seed = test_seed()}, toy::beating(seen, 1ms)};

  std::uint64_t heard(const std::string& from, const std::string& to) {
    return seen->beats_from[{from, to}];
  }
  /// Frames heard during `length` from now on.
  std::uint64_t heard_in(duration length, const std::string& from, const std::string& to) {
    const auto before = heard(from, to);
    sim.run_for(length);
    return heard(from, to) - before;
  }
};

TEST_F(SimulatedNetwork, DeliversEverythingInOrderWhenNothingIsWrong) {
  sim.run_for(2s);
  const auto& order = seen->order[{"a", "b"}];
  ASSERT_GT(order.size(), 1990u);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  const auto counts = sim.network().counts();
  EXPECT_EQ(counts.lost + counts.cut + counts.duplicated + counts.corrupted, 0u);
  EXPECT_LE(counts.refused, 3u) << "only while the nodes start, one after another";
}

TEST_F(SimulatedNetwork, LosesTheShareItWasAskedTo) {
  sim.network().loss(0.1);
  sim.run_for(10s);
  const auto counts = sim.network().counts("a", "b");
  EXPECT_NEAR(static_cast<double>(counts.lost) / static_cast<double>(counts.sent), 0.1, 0.02);
  sim.network().heal();
  EXPECT_GE(heard_in(1s, "a", "b"), 999u);
}

TEST_F(SimulatedNetwork, TakesTheTimeItWasGiven) {
  sim.network().delay(30ms, 50ms);
  sim.run_for(100ms);
  const auto before = heard("a", "b");
  sim.network().isolate({"b"});
  EXPECT_EQ(heard_in(100ms, "a", "b"), 0u) << "a cut loses what is on its way";
  sim.network().heal();
  EXPECT_EQ(heard_in(29ms, "a", "b"), 0u);
  EXPECT_GT(heard_in(40ms, "a", "b"), 0u);
  EXPECT_GT(before, 0u);
}

TEST_F(SimulatedNetwork, KeepsOrderUnderAnyDelayUntilToldToReorder) {
  sim.network().delay(0ms, 20ms);
  sim.run_for(1s);
  auto& order = seen->order[{"a", "b"}];
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  sim.network().reorder(0.2);
  sim.run_for(1s);
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
}

TEST_F(SimulatedNetwork, DuplicatesTheShareItWasAskedTo) {
  sim.network().duplicate(0.25);
  sim.run_for(4s);
  const auto counts = sim.network().counts("a", "b");
  EXPECT_NEAR(static_cast<double>(counts.duplicated) / static_cast<double>(counts.sent), 0.25,
              0.04);
  auto order = seen->order[{"a", "b"}];
  std::sort(order.begin(), order.end());
  EXPECT_NE(std::adjacent_find(order.begin(), order.end()), order.end());
}

// {a} | {b, c}
TEST_F(SimulatedNetwork, SplitsBothWaysAndHeals) {
  sim.run_for(100ms);
  sim.network().split({"a"}, {"b", "c"});
  EXPECT_EQ(heard_in(500ms, "a", "b"), 0u);
  EXPECT_EQ(heard_in(500ms, "c", "a"), 0u);
  EXPECT_GT(heard_in(500ms, "b", "c"), 490u);
  sim.network().heal();
  EXPECT_GT(heard_in(500ms, "a", "b"), 490u);
}

// a -/-> b, b -> a
TEST_F(SimulatedNetwork, CutsOneWay) {
  sim.network().cut("a", "b");
  sim.run_for(1s);
  EXPECT_EQ(heard("a", "b"), 0u);
  EXPECT_GT(heard("b", "a"), 990u);
  sim.network().mend("a", "b");
  EXPECT_GT(heard_in(500ms, "a", "b"), 490u);
}

TEST_F(SimulatedNetwork, HoldsFramesOfACloggedLinkAndThenDeliversThemInOrder) {
  sim.run_for(10ms);
  sim.network().clog("a", "b", 300ms);
  const auto before = heard("a", "b");
  EXPECT_LE(heard_in(299ms, "a", "b"), 1u) << "only what was on its way";
  sim.run_for(2ms);
  EXPECT_GT(heard("a", "b"), before + 290);
  const auto& order = seen->order[{"a", "b"}];
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST_F(SimulatedNetwork, CatchesDamagedFramesByTheirChecksum) {
  sim.network().corrupt(0.5);
  sim.run_for(4s);
  const auto counts = sim.network().counts();
  EXPECT_GT(counts.corrupted, 10'000u);
  EXPECT_EQ(counts.caught, counts.corrupted);
  EXPECT_GT(sim.timeline().count("frame_dropped reason=corrupted"), 0u);
}

TEST_F(SimulatedNetwork, PassesNoMoreThanItsBandwidth) {
  sim.network().heal();
  auto context = sim.node("a").context();
  const auto to = sim.node("b").id();
  std::size_t size = 0;
  auto f = make_frame<message::Heartbeat>({0, {context->id, {}}, toy::beater_key(), {}},
                                          [](message::Heartbeat::Builder) {});
  size = f.size();
  sim.network().between("a", "b").bytes_per_second = size * 100;
  sim.run_for(1s);
  EXPECT_NEAR(static_cast<double>(heard("a", "b")), 100, 3);
  // What does not fit waits; beyond the bound in flight it is refused.
  errc answer = errc::none;
  for (std::size_t i = 0; i < (80u << 20) / size && answer == errc::none; ++i)
    answer = context->send(to, f);
  EXPECT_EQ(answer, errc::overloaded);
}

TEST_F(SimulatedNetwork, AnswersUnreachableForANodeThatIsDownOrUnknown) {
  auto context = sim.node("a").context();
  auto f = make_frame<message::Heartbeat>({0, {context->id, {}}, toy::beater_key(), {}},
                                          [](message::Heartbeat::Builder) {});
  sim.node("b").crash();
  EXPECT_EQ(context->send(sim.node("b").id(), f), errc::unreachable);
  EXPECT_EQ(context->send(node_id_of("nobody"), f), errc::unreachable);
  EXPECT_EQ(context->send(sim.node("c").id(), f), errc::none);
}

TEST_F(SimulatedNetwork, CountsFramesThatNoActorListensFor) {
  auto context = sim.node("a").context();
  auto f = make_frame<message::Heartbeat>({0, {context->id, {}}, actor_key_of("nobody"), {}},
                                          [](message::Heartbeat::Builder) {});
  EXPECT_EQ(context->send(sim.node("b").id(), f), errc::none);
  sim.run_for(10ms);
  EXPECT_EQ(sim.network().counts("a", "b").no_receiver, 1u);
  EXPECT_EQ(sim.timeline().count("frame_dropped reason=no_receiver"), 1u);
}

}  // namespace
}  // namespace us
