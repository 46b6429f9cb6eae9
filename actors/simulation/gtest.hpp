#pragma once
/// Simulated clusters in GoogleTest: a scenario over many seeds, with a report that can be
/// replayed.
///
///   TEST(Counter, KeepsWhatItAcknowledged) {
///     us::sweep({.nodes = 5, .faults = us::intensity::rough}, 20, [](const us::cluster_options&
///     how) {
///       us::simulated_cluster cluster{how, counter_service()};
///       ...
///       cluster.safety_phase();
///       cluster.liveness_phase();
///       EXPECT_EQ(...);
///     });
///   }
///
/// Environment: UNDERSTUDY_SEED runs that seed only; UNDERSTUDY_SEEDS how many, instead of the
/// test's number; UNDERSTUDY_PLAN a file with the fault plan to play instead of that of the seed;
/// UNDERSTUDY_SHRINK_RUNS how many runs may be spent on shortening a plan that fails (200).
/// The first seed that fails ends the sweep; its report has the seed, the shortest fault plan found
/// that still fails, the end of the timeline, and the command that replays it.

#include "actors/simulation/sweep.hpp"
#include "runtime/simulation/gtest.hpp"
#include "runtime/simulation/plan_file.hpp"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>

namespace us {

namespace detail {

/// Failed expectations of one run are part of its outcome, not of the test: the run may be one of
/// many that look for a shorter plan.
inline scenario_outcome judge_expectations(
    const std::function<void(const cluster_options&)>& scenario, const cluster_options& how) {
  testing::TestPartResultArray results;
  scenario_outcome thrown;
  {
    using reporter = testing::ScopedFakeTestPartResultReporter;
    reporter quiet{reporter::INTERCEPT_ONLY_CURRENT_THREAD, &results};
    thrown = judge(scenario, how);
  }
  std::string text = thrown.value_or("");
  for (int i = 0; i < results.size(); ++i) {
    const auto& part = results.GetTestPartResult(i);
    if (!part.failed()) continue;
    const std::string file = part.file_name() == nullptr ? "" : part.file_name();
    text += (text.empty() ? "" : "\n") + file + ":" + std::to_string(part.line_number()) + ": " +
            part.message();
  }
  return text.empty() ? std::nullopt : scenario_outcome{text};
}

inline std::string replay_command(const seed_failure& failed) {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const auto name = std::string{test->test_suite_name()} + "." + test->name();
  auto file_name = name + "-" + std::to_string(failed.seed) + ".toml";
  std::replace(file_name.begin(), file_name.end(), '/', '-');  // of parameterized tests
  const auto file = testing::TempDir() + file_name;
  const bool saved = static_cast<bool>(std::ofstream{file} << to_toml(failed.plan));
  return "UNDERSTUDY_SEED=" + std::to_string(failed.seed) +
         (saved ? " UNDERSTUDY_PLAN=" + file : "") + " " + program_invocation_name +
         " --gtest_filter=" + name;
}

}  // namespace detail

/// Runs the scenario for `seeds` seeds from how.seed on. See above.
inline void sweep(cluster_options how, std::uint64_t seeds,
                  const std::function<void(const cluster_options&)>& scenario) {
  auto first = how.seed;
  if (const auto one = sim::number_from_environment("UNDERSTUDY_SEED")) {
    first = *one;
    seeds = 1;
  } else {
    seeds = sim::number_from_environment("UNDERSTUDY_SEEDS").value_or(seeds);
  }
  if (const auto* file = std::getenv("UNDERSTUDY_PLAN"); file != nullptr && *file != '\0') {
    auto plan = load_fault_plan(file);
    if (!plan) FAIL() << plan.error().text;
    how.plan = std::move(*plan);
  }
  const auto shrink_runs = sim::number_from_environment("UNDERSTUDY_SHRINK_RUNS").value_or(200);
  for (how.seed = first; how.seed < first + seeds; ++how.seed) {
    const auto failed = run_seed(
        how,
        [&](const cluster_options& with) { return detail::judge_expectations(scenario, with); },
        shrink_runs);
    if (!failed) continue;
    ADD_FAILURE() << failed->report(detail::replay_command(*failed));
    return;
  }
}

}  // namespace us
