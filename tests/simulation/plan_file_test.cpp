/// Fault plans as TOML: what is written is what is read, and errors are part of the interface.

#include "runtime/simulation/gtest.hpp"
#include "runtime/simulation/plan_duration.hpp"
#include "runtime/simulation/plan_file.hpp"
#include "tests/simulation/toy.hpp"

#include <filesystem>
#include <fstream>

namespace us {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string> five{"a", "b", "c", "d", "e"};

std::string error_of(std::string_view text) {
  auto read = read_fault_plan(text, "plan.toml");
  return read ? "accepted" : read.error().text;
}

/// What follows begins in line 4.
std::string error_of_fault(const std::string& text) {
  return error_of("[[fault]]\nat = \"1s\"\nlasts = \"2s\"\n" + text);
}

TEST(PlanFile, ReadsEveryPart) {
  const auto plan = read_fault_plan(R"(
length = "10s"
[[fault]]
at = "1.25s"
lasts = "300ms"
kind = "partition"
nodes = ["a", "b"]
[[fault]]
at = "0s"
lasts = "7ns"
kind = "loss"
amount = 0.25
[generate]
intensity = "brutal"
length = "2min"
gap_max = "100ms"
[generate.weights]
crash = 7
pause = 0
)",
                                    "plan.toml");
  ASSERT_TRUE(plan) << plan.error().text;
  EXPECT_EQ(
      *plan,
      (fault_plan{{{1250ms, 300ms, fault_kind::partition, {"a", "b"}, 0},
                   {0s, 7ns, fault_kind::loss, {}, 0.25}},
                  10s,
                  plan_recipe{.how = intensity::brutal,
                              .length = 2min,
                              .gap_max = 100ms,
                              .weights = {{fault_kind::crash, 7u}, {fault_kind::pause, 0u}}}}));
}

TEST(PlanFile, IsAsLongAsItsFaultsWhenItSaysNothing) {
  auto plan = read_fault_plan("[[fault]]\nat = \"1s\"\nlasts = \"2s\"\nkind = \"loss\"\namount = 1",
                              "plan.toml");
  ASSERT_TRUE(plan) << plan.error().text;
  EXPECT_EQ(plan->length, duration{3s});
  EXPECT_EQ(read_fault_plan("", "plan.toml")->length, duration{0});
}

TEST(PlanFile, GivesBackEveryGeneratedPlanExactly) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    for (auto how : {intensity::calm, intensity::rough, intensity::brutal}) {
      const auto plan = make_fault_plan(seed, five, how, 60s);
      const auto text = to_toml(plan);
      const auto read = read_fault_plan(text, "plan.toml");
      ASSERT_TRUE(read) << read.error().text;
      ASSERT_EQ(*read, plan) << text;
    }
  }
}

TEST(PlanFile, GivesBackNamesNumbersAndRecipesExactly) {
  fault_plan plan{{{1ns, 999'999'999ns, fault_kind::crash, {"a \"b\" \\ c\n", "ü"}, 0},
                   {36000h, 0s, fault_kind::clock_jump, {"a"}, -1.0 / 3},
                   {1s, 1us, fault_kind::loss, {}, 5e-324},
                   {1s, 1us, fault_kind::clock_jump, {"a"}, 6e7}},
                  1234567us,
                  plan_recipe{.length = 1ns,
                              .gap_min = 1ms,
                              .gap_max = 2ms,
                              .lasts_min = 3ms,
                              .lasts_max = 4ms,
                              .weights = {{fault_kind::kill, 1'000'000u}}}};
  plan.faults[1].at = 9999h;
  const auto read = read_fault_plan(to_toml(plan), "plan.toml");
  ASSERT_TRUE(read) << read.error().text << "\n" << to_toml(plan);
  EXPECT_EQ(*read, plan) << to_toml(plan);
}

TEST(PlanFile, NamesFileLineAndKeyOfAnError) {
  EXPECT_EQ(error_of("length = 10\n"), "plan.toml:1: length: must be a string, is an integer");
  EXPECT_EQ(error_of("length = \"1.5\"\n"),
            "plan.toml:1: length: must be a duration of at most 10000h, as \"1.25s\" or \"300ms\", "
            "is \"1.5\"");
  EXPECT_EQ(error_of("\n[[faults]]\n"), "plan.toml:2: faults: unknown key; did you mean fault?");
  EXPECT_EQ(error_of("fault = 1\n"),
            "plan.toml:1: fault: must be an array of tables: [[fault]], is an integer");
  EXPECT_EQ(error_of("[[fault]\n").substr(0, 29), "plan.toml:1: not valid TOML: ");
}

TEST(PlanFile, ChecksEachFaultAgainstItsKind) {
  EXPECT_EQ(error_of_fault(""), "plan.toml:1: fault.kind: missing");
  EXPECT_EQ(error_of_fault("kind = \"partitoin\"\n"),
            "plan.toml:4: fault.kind: \"partitoin\" is no kind of fault; did you mean partition?");
  EXPECT_EQ(error_of_fault("kind = \"crash\"\nnodes = []\n"),
            "plan.toml:5: fault.nodes: crash takes at least 1 node, has no nodes");
  EXPECT_EQ(error_of_fault("kind = \"clog\"\nnodes = [\"a\"]\n"),
            "plan.toml:5: fault.nodes: clog takes 2 nodes, has 1 node");
  EXPECT_EQ(error_of_fault("kind = \"clog\"\nnodes = [\"a\", \"a\"]\n"),
            "plan.toml:5: fault.nodes: names \"a\" twice");
  EXPECT_EQ(error_of_fault("kind = \"crash\"\nnodes = [\"a\", 1]\n"),
            "plan.toml:5: fault.nodes: must be an array of strings, is an integer");
  EXPECT_EQ(error_of_fault("kind = \"loss\"\nnodes = [\"a\"]\namount = 1\n"),
            "plan.toml:5: fault.nodes: loss takes no nodes, has 1 node");
  EXPECT_EQ(error_of_fault("kind = \"loss\"\n"),
            "plan.toml:1: fault.amount: missing; loss needs one");
  EXPECT_EQ(error_of_fault("kind = \"loss\"\namount = 1.5\n"),
            "plan.toml:5: fault.amount: must be from 0 to 1, is 1.5");
  EXPECT_EQ(error_of_fault("kind = \"crash\"\nnodes = [\"a\"]\namount = 1\n"),
            "plan.toml:6: fault.amount: crash takes no amount");
}

TEST(PlanFile, ChecksARecipe) {
  EXPECT_EQ(error_of("[generate]\n"), "plan.toml:1: generate.length: missing");
  EXPECT_EQ(error_of("[generate]\nlength = \"1s\"\nintensity = \"brutl\"\n"),
            "plan.toml:3: generate.intensity: \"brutl\" is not calm, rough or brutal; did you mean "
            "brutal?");
  EXPECT_EQ(
      error_of("[generate]\nlength = \"1s\"\n[generate.weights]\ncrsh = 1\n"),
      "plan.toml:4: generate.weights.crsh: \"crsh\" is no kind of fault; did you mean crash?");
  EXPECT_EQ(error_of("[generate]\nlength = \"1s\"\n[generate.weights]\ncrash = -1\n"),
            "plan.toml:4: generate.weights.crash: must be from 0 to 1000000, is -1");
}

TEST(PlanFile, IsLoadedFromTheDisk) {
  const auto path = std::filesystem::path{testing::TempDir()} / "plan_file_test.toml";
  std::ofstream{path} << "length = \"3s\"\n";
  EXPECT_EQ(load_fault_plan(path.string())->length, duration{3s});
  std::filesystem::remove(path);
  EXPECT_EQ(load_fault_plan("/does/not/exist").error().text,
            "/does/not/exist: cannot be read: No such file or directory");
}

TEST(PlanFile, IsPlayedAsThePlanItCameFrom) {
  const auto run = [](const fault_plan& plan) {
    auto seen = std::make_shared<toy::record>();
    simulation sim{{.nodes = five, .seed = 3}, toy::beating(seen, 10ms, true)};
    sim.play(plan);
    sim.run_for(plan.length);
    return sim.trace_hash();
  };
  const auto plan = make_fault_plan(1, five, intensity::brutal, 2s);
  EXPECT_EQ(run(plan), run(*read_fault_plan(to_toml(plan), "plan.toml")));
}

// What a run played is complete: it plays again without the recipe, in another run of the seed.
TEST(PlanFile, OfARunWithARecipeHoldsWhatTheRecipeGave) {
  const auto recipe = read_fault_plan("[generate]\nlength = \"2s\"\nintensity = \"brutal\"\n", "p");
  ASSERT_TRUE(recipe) << recipe.error().text;
  auto seen = std::make_shared<toy::record>();
  simulation first{{.nodes = five, .seed = 3}, toy::beating(seen, 10ms, true)};
  const auto played = first.play(*recipe);
  EXPECT_GT(played.faults.size(), 5u);
  EXPECT_FALSE(played.generate);
  EXPECT_EQ(played.length, duration{2s});
  first.run_for(2s);
  simulation second{{.nodes = five, .seed = 3}, toy::beating(seen, 10ms, true)};
  second.play(*read_fault_plan(to_toml(played), "p"));
  second.run_for(2s);
  EXPECT_EQ(first.trace_hash(), second.trace_hash());
}

TEST(PlanDuration, IsExact) {
  EXPECT_EQ(parse_duration("1.25s"), duration{1250ms});
  EXPECT_EQ(parse_duration("0.000000001s"), duration{1ns});
  EXPECT_EQ(parse_duration("1.50000h"), duration{90min});
  EXPECT_EQ(parse_duration("0.25min"), duration{15s});
  EXPECT_EQ(parse_duration("10000h"), duration{10000h});
  for (auto wrong : {"", "s", "1", "-1s", "1.s", ".5s", "1 s", "1.5ns", "0.0000000001s", "10001h",
                     "10000.1h", "99999999999999999999s", "1.1234567890123s", "1e3s", "1S"})
    EXPECT_EQ(parse_duration(wrong), std::nullopt) << wrong;
  EXPECT_EQ(write_duration(0s), "0s");
  EXPECT_EQ(write_duration(90min), "5400s");
  EXPECT_EQ(write_duration(1250ms), "1250ms");
  EXPECT_EQ(write_duration(1'000'001ns), "1000001ns");
}

}  // namespace
}  // namespace us
