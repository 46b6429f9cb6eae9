#include "apps/lab/register_run.hpp"

#include "apps/lab/register_service.hpp"
#include "runtime/checkers/linearizability.hpp"

namespace lab {

namespace {

using namespace std::chrono_literals;

void check_history(us::simulated_cluster& cluster, const us::history& seen) {
  us::search_limits limits;
  limits.memory_bytes = std::size_t{1} << 30u;
  const auto checked = us::check_linearizable(seen, us::object_model::cas_register, limits);
  if (checked.verdict == us::verdict::not_linearizable)
    cluster.world().fail("not linearizable: " + checked.explanation);
  if (checked.verdict == us::verdict::undecided)
    cluster.world().fail("cannot decide whether it is linearizable: " + checked.explanation);
}

void go(us::simulated_cluster& cluster, register_load& load) {
  load.start();
  cluster.safety_phase();
  cluster.liveness_phase();
  load.stop();
  // What began under faults ends by its own timeout.
  if (!cluster.advance_until([&] { return load.idle(); }, 30s))
    cluster.world().fail("healed and quiet, and yet some requests never end");
  check_history(cluster, load.history());
}

}  // namespace

run_result run_register(const run_options& how, const run_watcher& watcher) {
  us::simulated_cluster cluster{how.cluster, register_service()};
  if (watcher.begins) watcher.begins(cluster);
  register_load load{cluster, how.load};
  try {
    go(cluster, load);
  } catch (...) {
    if (watcher.ends) watcher.ends(load.history());
    throw;
  }
  if (watcher.ends) watcher.ends(load.history());
  return {load.counts(), cluster.now(), cluster.world().event_count(),
          cluster.world().trace_hash()};
}

}  // namespace lab
