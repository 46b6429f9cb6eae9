/// Each node keeps its own time.

#include "runtime/simulation/gtest.hpp"
#include "tests/simulation/toy.hpp"

namespace us {
namespace {

using namespace std::chrono_literals;

struct SimulatedClock : testing::Test {
  simulation sim{{.nodes = {"a", "b"}, .seed = test_seed()}, toy::running({})};

  time_point now(const std::string& name) { return sim.node(name).context()->ports.clock->now(); }
  std::int64_t wall(const std::string& name) {
    return sim.node(name).context()->ports.clock->wall_ms();
  }
  /// Virtual time until a timer of the node's clock fires.
  duration fires_after(const std::string& name, duration delay) {
    auto& node = sim.node(name);
    const auto from = sim.now();
    std::optional<duration> fired;
    node.context()->ports.clock->after(delay, node.root(), task{[&] { fired = sim.now() - from; }});
    EXPECT_TRUE(sim.run_until([&] { return fired.has_value(); }, delay * 3 + 1s));
    return fired.value_or(duration{0});
  }
};

TEST_F(SimulatedClock, IsNotComparableBetweenNodesNorBetweenIncarnations) {
  EXPECT_NE(now("a"), now("b"));
  const auto before = now("a");
  sim.node("a").restart();
  EXPECT_NE(now("a"), before);
}

TEST_F(SimulatedClock, GoesOnWithVirtualTime) {
  const auto before = now("a");
  const auto wall_before = wall("a");
  sim.run_for(1234ms);
  EXPECT_EQ(now("a") - before, 1234ms);
  EXPECT_EQ(wall("a") - wall_before, 1234);
  EXPECT_EQ(fires_after("a", 250ms), 250ms);
  EXPECT_EQ(fires_after("a", -5ms), 0ms);
}

TEST_F(SimulatedClock, DriftsAndItsTimersWithIt) {
  sim.node("a").clock().drift(100'000);  // ten per cent fast
  const auto before = now("a");
  sim.run_for(10s);
  EXPECT_EQ(now("a") - before, 11s);
  EXPECT_NEAR(static_cast<double>(fires_after("a", 1100ms).count()), 1e9, 10);
  sim.node("b").clock().drift(-500'000);
  const auto b_before = now("b");
  sim.run_for(10s);
  EXPECT_EQ(now("b") - b_before, 5s);
  EXPECT_NEAR(static_cast<double>(fires_after("b", 1s).count()), 2e9, 10);
}

TEST_F(SimulatedClock, NeverFiresATimerBeforeItsOwnTimeHasCome) {
  auto& a = sim.node("a");
  const auto due = now("a") + 1s;
  std::optional<time_point> fired;
  a.context()->ports.clock->after(1s, a.root(), task{[&] { fired = now("a"); }});
  sim.run_for(500ms);
  a.clock().drift(-900'000);  // slowed while the timer was set
  EXPECT_TRUE(sim.run_until([&] { return fired.has_value(); }, 60s));
  EXPECT_GE(*fired, due);
  EXPECT_LT(*fired - due, 1ms);
}

TEST_F(SimulatedClock, JumpsOnTheWallOnly) {
  const auto before = now("a");
  const auto wall_before = wall("a");
  sim.node("a").clock().jump(-1h);
  EXPECT_EQ(now("a"), before);
  EXPECT_EQ(wall("a") - wall_before, -3'600'000);
  EXPECT_EQ(wall("b"), wall_before);
  sim.node("a").clock().heal();
  EXPECT_EQ(wall("a"), wall_before);
}

TEST_F(SimulatedClock, KeepsItsWallTimeOverARestart) {
  sim.run_for(10s);
  sim.node("a").clock().jump(5s);
  sim.node("a").restart();
  EXPECT_EQ(wall("a") - wall("b"), 5000);
}

}  // namespace
}  // namespace us
