#include "actors/simulation/sweep.hpp"

#include "runtime/simulation/shrink.hpp"

#include <exception>

namespace us {

scenario_outcome judge(const std::function<void(const cluster_options&)>& scenario,
                       const cluster_options& how) {
  try {
    scenario(how);
    return std::nullopt;
  } catch (const std::exception& e) {
    return e.what();
  }
}

std::string seed_failure::report(const std::string& replay) const {
  std::string text = "seed " + std::to_string(seed) + " fails: " + what + "\n";
  text += plan.faults.empty() ? "without any fault\n"
                              : "with these faults, the shortest part found of " +
                                    std::to_string(faults_at_first) + ":\n" + to_string(plan);
  text += "what the nodes did until then:\n" + timeline;
  return text + "replay: " + replay + "\n";
}

std::optional<seed_failure> run_seed(const cluster_options& how, const judged_scenario& scenario,
                                     std::size_t shrink_runs) {
  auto with = how;
  with.timeline_at_end = std::make_shared<std::string>();
  with.plan = plan_of(how);
  auto outcome = scenario(with);
  if (!outcome) return std::nullopt;
  seed_failure failed{how.seed, *with.plan, with.plan->faults.size(), *outcome,
                      *with.timeline_at_end};
  const auto fails = [&](const fault_plan& plan) {
    with.plan = plan;
    auto again = scenario(with);
    if (!again) return false;
    failed.what = *again;
    failed.timeline = *with.timeline_at_end;
    return true;
  };
  failed.plan = shrink(failed.plan, fails, shrink_runs);
  return failed;
}

}  // namespace us
