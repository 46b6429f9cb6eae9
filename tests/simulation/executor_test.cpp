/// Jobs take virtual time, one after another per lane, and a crash cuts one off in its middle.

#include "runtime/simulation/gtest.hpp"
#include "tests/simulation/toy.hpp"

namespace us {
namespace {

using namespace std::chrono_literals;

struct SimulatedExecutor : testing::Test {
  simulation sim{{.nodes = {"a"}, .seed = test_seed()}, toy::running({})};

  node_ptr a() { return sim.node("a").context(); }
  void run(
      lane where, std::function<void()> job, std::function<void()> then = [] {}) {
    a()->ports.executor->run(where, std::move(job), sim.node("a").root(), task{std::move(then)});
  }
};

TEST_F(SimulatedExecutor, RunsTheJobsOfALaneInOrderAndTakesTimeForEach) {
  std::vector<int> order;
  std::vector<duration> ends;
  for (int i = 0; i < 20; ++i)
    run(
        lane::log, [&, i] { order.push_back(i); }, [&] { ends.push_back(sim.now()); });
  EXPECT_TRUE(order.empty()) << "a job runs when it ends";
  sim.run_for(1s);
  ASSERT_EQ(order.size(), 20u);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  ASSERT_EQ(ends.size(), 20u);
  for (std::size_t i = 1; i < ends.size(); ++i) EXPECT_GE(ends[i] - ends[i - 1], 100us);
}

TEST_F(SimulatedExecutor, RunsLanesBesideEachOther) {
  std::vector<char> order;
  run(lane::bulk, [&] { order.push_back('b'); });
  for (int i = 0; i < 500; ++i) run(lane::log, [&] { order.push_back('l'); });
  sim.run_for(1s);
  ASSERT_GT(order.size(), 100u);
  EXPECT_EQ(order.front(), 'l');
  EXPECT_NE(std::find(order.begin(), order.begin() + 100, 'b'), order.begin() + 100);
}

TEST_F(SimulatedExecutor, TakesLongerOnASlowDiskAndNeverEndsOnAHangingOne) {
  auto done = false;
  sim.node("a").disk().slow(1000);
  run(
      lane::log, [] {}, [&] { done = true; });
  sim.run_for(100ms);
  EXPECT_FALSE(done);
  EXPECT_TRUE(sim.run_until([&] { return done; }, 10s));
  sim.node("a").disk().mend();
  sim.node("a").disk().hang();
  done = false;
  run(
      lane::log, [] {}, [&] { done = true; });
  sim.run_for(60s);
  EXPECT_FALSE(done);
  sim.node("a").disk().mend();
  sim.run_for(1ms);
  EXPECT_TRUE(done);
}

TEST_F(SimulatedExecutor, EndsSomeBriefJobsAtOnceButNoneBehindAnotherOrOnAHangingDisk) {
  auto answered = 0;
  const auto ends_at_once = [&] {
    auto ran = std::make_shared<bool>(false);
    a()->ports.executor->run_brief(
        lane::log, [ran] { *ran = true; }, sim.node("a").root(), task{[&] { ++answered; }});
    return *ran;
  };
  auto at_once = 0;
  for (int i = 0; i < 100; ++i) {
    at_once += ends_at_once() ? 1 : 0;
    sim.run_for(10ms);
  }
  EXPECT_GT(at_once, 20);
  EXPECT_LT(at_once, 80);
  EXPECT_EQ(answered, 100);
  run(lane::log, [] {});
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(ends_at_once());
  sim.run_for(1s);
  sim.node("a").disk().hang();
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(ends_at_once());
}

TEST_F(SimulatedExecutor, CutsAJobOffInItsMiddleAtACrash) {
  std::map<int, int> operations_done;
  auto completed = 0;
  for (int round = 0; round < 200; ++round) {
    auto done = std::make_shared<int>(0);
    run(
        lane::log,
        [done, disk = a()->ports.disk] {
          auto f = disk->open("x", open_mode::create);
          if (!f) return;
          const std::array<std::byte, 4> some{};
          while (*done < 8 && (*f)->write_at(static_cast<std::uint64_t>(*done) * 4, some)) ++*done;
        },
        [&] { ++completed; });
    sim.node("a").restart();
    ++operations_done[*done];
  }
  sim.run_for(1s);
  EXPECT_EQ(completed, 0) << "nobody hears of a job that a crash cut off";
  EXPECT_GT(operations_done[0], 0);
  EXPECT_GT(operations_done[8], 0);
  EXPECT_GT(operations_done.size(), 4u);
}

TEST_F(SimulatedExecutor, NeverRunsWhatWasStillQueuedAtACrash) {
  auto ran = 0;
  for (int i = 0; i < 5; ++i) run(lane::bulk, [&] { ++ran; });
  sim.node("a").crash();
  sim.run_for(1s);
  EXPECT_LE(ran, 1);
}

// What the toys were told is durable is in the file, whatever the crashes cut off.
TEST(ExecutorAndDisk, KeepWhatWasReportedDurableOverManyCrashes) {
  for_each_seed(1, 20, [](std::uint64_t seed) {
    auto seen = std::make_shared<toy::record>();
    simulation sim{{.nodes = {"a", "b", "c"}, .seed = seed}, toy::beating(seen, 2ms, true)};
    for (int i = 0; i < 20; ++i) {
      sim.run_for(sim.random().between(1ms, 100ms));
      sim.node("b").crash();
      const auto* image = &sim.node("b").disk();
      EXPECT_GE(image->used(), seen->synced["b"]);
      sim.node("b").start();
    }
    EXPECT_GT(seen->synced["b"], 0u);
  });
}

}  // namespace
}  // namespace us
