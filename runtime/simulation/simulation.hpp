#pragma once
/// A whole cluster in one process under virtual time, replayable by its seed.
///
/// Runs the same actors as live, on CAF's test coordinator in one thread, over simulated
/// ports: each node has a clock, a disk, an executor and links that can be told to fail. The
/// seed decides everything: the same seed and the same calls give the same trace_hash(),
/// in every run and build. Nothing is global: simulations may follow one another or lie
/// side by side.
///
///   us::simulation sim{{.nodes = {"a", "b", "c"}, .seed = test_seed()}, make_program(...)};
///   sim.run_for(1s);
///   sim.network().split({"a"}, {"b", "c"});
///   EXPECT_TRUE(sim.run_until([&] { return leader_of(sim) == "b"; }, 3s));
///   sim.node("a").crash();
///
/// Time: virtual, in nanoseconds since the start. One event (a frame arrives, a timer fires, a
/// disk job ends, a fault) is followed by everything that it makes the actors do, then by the
/// registered checks.
/// Errors: a broken check, an invariant_violation in an actor, an actor that outlives its node, or
/// a turn that never ends throws simulation_failure, whose text has the seed and the timeline's
/// end. Source: the simulators of FoundationDB and TigerBeetle (VOPR).

#include "runtime/node/program.hpp"
#include "runtime/node/timing.hpp"
#include "runtime/probe.hpp"
#include "runtime/simulation/fault_plan.hpp"
#include "runtime/simulation/random_stream.hpp"
#include "runtime/simulation/sim_network.hpp"
#include "runtime/simulation/sim_node.hpp"
#include "runtime/simulation/simulation_failure.hpp"
#include "runtime/simulation/timeline.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace us {

namespace sim {
class world;
}

struct simulation_options {
  std::vector<std::string> nodes{"a", "b", "c"};
  std::uint64_t seed = 1;
  std::string cluster = "simulated";
  us::timing timing = {};
  /// Whether the constructor starts every node.
  bool start = true;
  /// A node whose root ended by itself starts again after this long, as under a launcher.
  /// 0: it stays down.
  duration restart_exited{0};
  /// Whether debug logs go into the timeline too.
  bool debug = false;
};

class simulation {
 public:
  simulation(simulation_options how, node_program program);
  ~simulation();
  simulation(const simulation&) = delete;
  simulation& operator=(const simulation&) = delete;

  // -- time
  /// Virtual time since the start.
  duration now() const;
  void run_for(duration length);
  /// Runs until `done()` holds (asked now and after every event) or the limit has passed.
  [[nodiscard]] bool run_until(const std::function<bool()>& done, duration limit);
  /// Calls `f` at that time from now, between two events.
  void after(duration delay, std::function<void()> f);

  // -- parts
  sim::node& node(std::string_view name);
  const std::vector<std::string>& nodes() const;  ///< names, sorted
  sim::fabric& network();
  /// Adds a node, not started. A member is in the `members` of nodes started from now on;
  /// a client outside of the cluster is none.
  sim::node& add_node(const std::string& name, node_program program, bool member = true);
  /// Chance for the test's own workload.
  sim::random_stream& random();

  // -- faults
  /// Schedules the faults of a plan, relative to now. Returns it with what its recipe gave.
  fault_plan play(fault_plan plan);
  /// Who leads, for faults that strike the leader. Without it they strike the first node.
  void aim(std::function<std::string()> leader);
  /// Asked before a fault takes a node's disk away (fault_kind::replace); false: it does not.
  void guard_disks(std::function<bool(const std::string& node)> guard);
  /// Safety phase: runs under a plan made from the seed for `length`, then heals everything.
  /// Returns the plan. Call run_for or run_until for the liveness phase.
  fault_plan unleash(intensity how, duration length);
  fault_plan unleash(const plan_recipe& recipe);
  /// Network healed, disks mended, paused nodes resumed, stopped or crashed ones restarted. Cancels
  /// what is left of the plans being played.
  void heal_everything();

  // -- checking
  /// Called after every event; returns what is wrong, or nullopt.
  void check(std::string name, std::function<std::optional<std::string>()> f);
  /// Called for each replica of a node after every event of that node, its own invariants being
  /// checked already; returns what is wrong, or nullopt.
  using replica_check = std::function<std::optional<std::string>(sim::node&, const inspected&)>;
  void check_replicas(replica_check f);
  /// Hash over every event so far: time, kind, from, to, type and bytes of frames.
  std::uint64_t trace_hash() const;
  std::uint64_t event_count() const;
  /// Which rare branches the nodes took so far, and how often.
  const probe_counts& probes() const;
  std::uint64_t seed() const;
  /// What nodes logged, and the faults, oldest first; bounded.
  const sim::timeline& timeline() const;
  /// Ends the run: throws simulation_failure with the seed and the timeline's end.
  [[noreturn]] void fail(const std::string& what) const;

 private:
  std::unique_ptr<sim::world> world_;
};

}  // namespace us
