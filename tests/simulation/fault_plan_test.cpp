/// Fault plans: made from a seed, played, and undone.

#include "runtime/simulation/gtest.hpp"
#include "tests/simulation/toy.hpp"

#include <set>

namespace us {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string> five{"a", "b", "c", "d", "e"};

TEST(FaultPlan, IsTheSameForTheSameSeed) {
  for (auto how : {intensity::calm, intensity::rough, intensity::brutal}) {
    EXPECT_EQ(to_string(make_fault_plan(1, five, how, 60s)),
              to_string(make_fault_plan(1, five, how, 60s)));
    EXPECT_NE(to_string(make_fault_plan(1, five, how, 60s)),
              to_string(make_fault_plan(2, five, how, 60s)));
  }
}

TEST(FaultPlan, GrowsWithIntensityAndHasEveryKind) {
  const auto calm = make_fault_plan(1, five, intensity::calm, 600s);
  const auto rough = make_fault_plan(1, five, intensity::rough, 600s);
  const auto brutal = make_fault_plan(1, five, intensity::brutal, 600s);
  EXPECT_LT(calm.faults.size() * 2, rough.faults.size());
  EXPECT_LT(rough.faults.size() * 2, brutal.faults.size());
  std::set<fault_kind> kinds;
  for (const auto& f : rough.faults) kinds.insert(f.kind);
  for (const auto& kind : all_fault_kinds())
    EXPECT_EQ(kinds.contains(kind.kind), kind.weight > 0) << kind.name;
}

TEST(FaultPlan, FollowsTheWeightsOfItsRecipe) {
  plan_recipe recipe{.how = intensity::calm, .length = 60s, .gap_max = 10ms};
  for (const auto& kind : all_fault_kinds()) recipe.weights[kind.kind] = 0;
  EXPECT_TRUE(make_fault_plan(1, five, recipe).faults.empty());
  recipe.weights[fault_kind::flip_bits] = 1;
  recipe.weights[fault_kind::replace] = 3;
  std::map<fault_kind, double> count;
  const auto plan = make_fault_plan(1, five, recipe);
  for (const auto& f : plan.faults) ++count[f.kind];
  EXPECT_EQ(count.size(), 2u);
  EXPECT_GT(plan.faults.size(), 5'000u);
  EXPECT_NEAR(count[fault_kind::replace] / count[fault_kind::flip_bits], 3, 0.3);
}

TEST(FaultPlan, WorksForOneAndTwoNodes) {
  EXPECT_FALSE(make_fault_plan(1, {"a"}, intensity::brutal, 60s).faults.empty());
  EXPECT_FALSE(make_fault_plan(1, {"a", "b"}, intensity::brutal, 60s).faults.empty());
  EXPECT_TRUE(make_fault_plan(1, {}, intensity::brutal, 60s).faults.empty());
}

TEST(FaultPlan, ReadsAsASentence) {
  EXPECT_EQ(to_string(fault{1250ms, 300ms, fault_kind::partition, {"a", "b"}}),
            "at 1.250 s for 0.300 s: partition a b");
}

TEST(FaultPlan, IsPlayedAndUndone) {
  auto seen = std::make_shared<toy::record>();
  simulation sim{{.seed = test_seed()}, toy::beating(seen, 1ms)};
  sim.play({{{100ms, 200ms, fault_kind::crash, {"a"}},
             {500ms, 200ms, fault_kind::pause, {"b"}},
             {1000ms, 200ms, fault_kind::partition, {"c"}},
             {1500ms, 200ms, fault_kind::cut_one_way, {"a", "b"}},
             {2000ms, 200ms, fault_kind::loss, {}, 1.0}},
            3s});
  sim.run_for(200ms);
  EXPECT_FALSE(sim.node("a").running());
  sim.run_for(400ms);
  EXPECT_TRUE(sim.node("a").running());
  EXPECT_TRUE(sim.node("b").paused());
  sim.run_for(200ms);
  EXPECT_FALSE(sim.node("b").paused());
  auto heard_during = [&](duration length, const std::string& from, const std::string& to) {
    const auto before = seen->beats_from[{from, to}];
    sim.run_for(length);
    return seen->beats_from[{from, to}] - before;
  };
  sim.run_for(250ms);
  EXPECT_EQ(heard_during(100ms, "a", "c"), 0u);
  sim.run_for(400ms);
  EXPECT_EQ(heard_during(50ms, "a", "b"), 0u);
  EXPECT_GT(heard_during(50ms, "b", "a"), 45u);
  sim.run_for(400ms);
  EXPECT_EQ(heard_during(100ms, "b", "c"), 0u);
  sim.run_for(200ms);
  EXPECT_GT(heard_during(100ms, "b", "c"), 95u);
}

TEST(FaultPlan, LeavesEverythingHealed) {
  for_each_seed(1, 20, [](std::uint64_t seed) {
    auto seen = std::make_shared<toy::record>();
    simulation sim{{.nodes = five, .seed = seed}, toy::beating(seen, 10ms, true)};
    const auto plan = sim.unleash(intensity::brutal, 3s);
    SCOPED_TRACE(to_string(plan));
    const auto lost = sim.network().counts();
    sim.run_for(200ms);
    *seen = {};
    sim.run_for(1s);
    for (const auto& name : five) {
      EXPECT_TRUE(sim.node(name).running());
      EXPECT_GE(seen->beats_heard[name], 390u) << name;
    }
    const auto after = sim.network().counts();
    EXPECT_EQ(after.lost, lost.lost);
    EXPECT_EQ(after.corrupted, after.caught);
  });
}

}  // namespace
}  // namespace us
