#pragma once
/// One simulated run of the lab: a cluster of the register service under a fault plan, then healed;
/// everything is checked.

#include "apps/lab/register_load.hpp"

#include <functional>

namespace lab {

struct run_options {
  us::cluster_options cluster;
  load_options load;
};

struct run_result {
  load_counts requests;
  us::duration length{0};
  std::uint64_t events = 0;
  std::uint64_t trace_hash = 0;
};

/// Called with the cluster before it runs, and after, also when the run fails.
struct run_watcher {
  std::function<void(us::simulated_cluster&)> begins;
  std::function<void(const us::history&)> ends;
};

/// Safety under the plan, liveness once healed, then every request ends and the history must be
/// linearizable. Throws us::simulation_failure when something is wrong.
run_result run_register(const run_options& how, const run_watcher& watcher = {});

}  // namespace lab
