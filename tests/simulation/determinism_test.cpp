/// The seed decides everything: equal seeds run equally, and nothing else comes in.

#include "runtime/ensure.hpp"
#include "runtime/simulation/gtest.hpp"
#include "tests/simulation/toy.hpp"

namespace us {
namespace {

using namespace std::chrono_literals;

struct run_result {
  std::uint64_t hash;
  std::uint64_t events;
  std::string timeline;
};

run_result run_toy(std::uint64_t seed, intensity how) {
  auto seen = std::make_shared<toy::record>();
  simulation sim{{.nodes = {"a", "b", "c", "d", "e"}, .seed = seed, .restart_exited = 500ms},
                 toy::beating(seen, 20ms, true)};
  (void)sim.unleash(how, 5s);
  sim.run_for(1s);
  return {sim.trace_hash(), sim.event_count(), sim.timeline().text(1000)};
}

TEST(Determinism, TheSameSeedGivesTheSameRunByteForByte) {
  for_each_seed(1, 10, [](std::uint64_t seed) {
    for (auto how : {intensity::calm, intensity::rough, intensity::brutal}) {
      const auto first = run_toy(seed, how);
      const auto second = run_toy(seed, how);
      testing::Test::RecordProperty(
          "hash_" + std::to_string(seed) + "_" + std::to_string(static_cast<int>(how)),
          std::to_string(first.hash));
      EXPECT_EQ(first.hash, second.hash);
      EXPECT_EQ(first.events, second.events);
      EXPECT_EQ(first.timeline, second.timeline);
    }
  });
}

TEST(Determinism, AnotherSeedGivesAnotherRun) {
  EXPECT_NE(run_toy(1, intensity::rough).hash, run_toy(2, intensity::rough).hash);
}

TEST(Determinism, SimulationsSideBySideDoNotDisturbEachOther) {
  auto run = [](simulation& sim) {
    sim.run_for(100ms);
    return sim.trace_hash();
  };
  auto make = [] {
    return std::make_unique<simulation>(simulation_options{.seed = 7},
                                        toy::beating(std::make_shared<toy::record>()));
  };
  auto alone = make();
  run(*alone);
  const auto expected = run(*alone);
  auto one = make();
  auto other = make();
  run(*one);
  run(*other);
  EXPECT_EQ(run(*one), expected);
  EXPECT_EQ(run(*other), expected);
}

// A draw more in one concern shifts no other: the links' chance does not depend on the nodes'.
TEST(Determinism, AFurtherNodeShiftsNoOtherLinksChance) {
  auto losses = [](bool further) {
    auto seen = std::make_shared<toy::record>();
    simulation sim{{.nodes = {"a", "b"}, .seed = 3}, toy::beating(seen)};
    sim.network().loss(0.5);
    if (further) sim.add_node("c", toy::beating(seen), false).start();
    sim.run_for(10s);
    return sim.network().counts("a", "b").lost;
  };
  EXPECT_EQ(losses(false), losses(true));
}

TEST(Determinism, IncarnationsComeFromTheSeed) {
  auto incarnations = [](std::uint64_t seed) {
    simulation sim{{.nodes = {"a"}, .seed = seed}, toy::beating(std::make_shared<toy::record>())};
    const auto first = sim.node("a").context()->incarnation;
    sim.node("a").restart();
    return std::make_pair(first, sim.node("a").context()->incarnation);
  };
  EXPECT_EQ(incarnations(5), incarnations(5));
  EXPECT_NE(incarnations(5).first, incarnations(5).second);
  EXPECT_NE(incarnations(5).first, incarnations(6).first);
}

TEST(Seeds, StreamsOfOneTreeDiffer) {
  sim::seed_tree tree{1};
  EXPECT_NE(tree.stream("x").next(), tree.stream("y").next());
  EXPECT_EQ(tree.stream("x").next(), tree.stream("x").next());
  EXPECT_NE(tree.branch("x").stream("x").next(), tree.stream("x").next());
  // xoshiro256** seeded by splitmix64: the published sequence must never change between builds.
  EXPECT_EQ(sim::random_stream{1}.next(), sim::random_stream{1}.next());
}

TEST(Simulation, FailsWithItsSeedAndTimelineWhenACheckDoesNotHold) {
  auto seen = std::make_shared<toy::record>();
  simulation sim{{.seed = 99}, toy::beating(seen)};
  sim.check("few beats", [&]() -> std::optional<std::string> {
    if (seen->beats_heard["a"] < 10) return std::nullopt;
    return "a heard ten";
  });
  try {
    sim.run_for(10s);
    FAIL() << "the check did not end the run";
  } catch (const simulation_failure& e) {
    const std::string text = e.what();
    EXPECT_NE(text.find("seed 99"), std::string::npos) << text;
    EXPECT_NE(text.find("few beats: a heard ten"), std::string::npos) << text;
    EXPECT_NE(text.find("start a"), std::string::npos) << text;
  }
}

TEST(Simulation, FailsWhenAnActorBreaksAnInvariant) {
  simulation sim{{.nodes = {"a"}}, toy::running([](toy::scripted& self) {
                   self.after(10ms, [] { ensure(1 + 1 == 3); });
                 })};
  EXPECT_THROW(sim.run_for(1s), simulation_failure);
}

TEST(Simulation, FailsWhenActorsNeverComeToRest) {
  simulation sim{{.nodes = {"a"}}, toy::running([](toy::scripted& self) {
                   self.after(10ms, [&self] {
                     auto again = std::make_shared<std::function<void()>>();
                     *again = [&self, weak = std::weak_ptr{again}] {
                       if (auto f = weak.lock()) self.at_end_of_turn([f] { (*f)(); });
                     };
                     (*again)();
                   });
                 })};
  EXPECT_THROW(sim.run_for(1s), simulation_failure);
}

TEST(Simulation, FailsWhenAnActorCallsIntoIt) {
  simulation* self_made = nullptr;
  simulation sim{{.nodes = {"a"}}, toy::running([&](toy::scripted& self) {
                   self.after(10ms, [&] { self_made->node("a").call([] {}); });
                 })};
  self_made = &sim;
  EXPECT_THROW(sim.run_for(1s), simulation_failure);
}

TEST(Simulation, FailsWhenTimersWithoutDelayHoldTimeUp) {
  simulation sim{{.nodes = {"a"}}, toy::beating(std::make_shared<toy::record>(), 0ms)};
  EXPECT_THROW(sim.run_for(1s), simulation_failure);
}

TEST(Simulation, RunUntilStopsAtTheEventThatMakesItTrueOrAtTheLimit) {
  auto seen = std::make_shared<toy::record>();
  simulation sim{{}, toy::beating(seen)};
  EXPECT_TRUE(sim.run_until([&] { return seen->beats_heard["a"] >= 10; }, 1s));
  EXPECT_EQ(seen->beats_heard["a"], 10u);
  const auto before = sim.now();
  EXPECT_FALSE(sim.run_until([] { return false; }, 250ms));
  EXPECT_EQ(sim.now() - before, 250ms);
}

}  // namespace
}  // namespace us
