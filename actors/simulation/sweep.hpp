#pragma once
/// Runs a scenario over many seeds, and makes the most of one that fails: the shortest fault plan
/// that still makes it fail, and what happened then.
///
/// A scenario builds a cluster from the options it is given, which carry the seed and the plan,
/// and throws when something is wrong. It must take everything from the cluster: the same options
/// must bring the same run.

#include "actors/simulation/simulated_cluster.hpp"

#include <functional>
#include <optional>
#include <string>

namespace us {

/// What is wrong with a run; nullopt: nothing.
using scenario_outcome = std::optional<std::string>;
using judged_scenario = std::function<scenario_outcome(const cluster_options&)>;

/// Runs it and turns an exception into text.
scenario_outcome judge(const std::function<void(const cluster_options&)>& scenario,
                       const cluster_options& how);

struct seed_failure {
  std::uint64_t seed;
  fault_plan plan;              ///< the shortest found
  std::size_t faults_at_first;  ///< in the plan that failed first
  std::string what;             ///< with the shortest plan
  std::string timeline;         ///< of that run, its end

  /// For people: all of it. `replay`: the command that runs it again.
  std::string report(const std::string& replay) const;
};

/// One seed. `shrink_runs`: how many runs may be spent on shortening the plan of one that fails.
std::optional<seed_failure> run_seed(const cluster_options& how, const judged_scenario& scenario,
                                     std::size_t shrink_runs = 200);

}  // namespace us
