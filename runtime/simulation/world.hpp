#pragma once
/// The inside of a simulation: actor system, events, nodes, network. One loop: take the next
/// event, set the time, do it, run the coordinator until no actor has a job left, then the
/// checks.
///
/// Owns everything of the run; ports know it through their incarnation and are silent once
/// that has ended. CAF's own clock and timeouts are not used: they stand still.

#include "runtime/probe.hpp"
#include "runtime/simulation/event_queue.hpp"
#include "runtime/simulation/incarnation.hpp"
#include "runtime/simulation/simulation.hpp"
#include "runtime/simulation/trace_hash.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace us::sim {

class world {
 public:
  explicit world(simulation_options how);
  ~world();

  // -- what there is
  const duration& now() const { return now_; }
  const simulation_options& options() const { return options_; }
  const seed_tree& seeds() const { return seeds_; }
  caf::actor_system& system() { return system_; }
  fabric& network() { return fabric_; }
  timeline& log() { return timeline_; }
  random_stream& workload() { return workload_; }
  std::vector<std::unique_ptr<node>>& nodes() { return nodes_; }
  const std::vector<std::string>& names() const { return names_; }
  node& add(const std::string& name, node_program program, bool member);
  node& find(std::string_view name);
  node* find(node_id id);
  std::vector<peer> members() const;

  /// Whom a fault aimed at the leader strikes: whom aim() tells, else the first node.
  void aim(std::function<std::string()> leader) { leader_ = std::move(leader); }
  std::string leader() const;
  /// Whether a fault may take this node's disk away; without a guard it may.
  void guard_disks(std::function<bool(const std::string&)> guard) { guard_ = std::move(guard); }
  bool may_lose_disk(const std::string& node) const { return !guard_ || guard_(node); }

  // -- scheduling
  void schedule_frame(std::uint32_t from, std::uint32_t to, duration delay, frame f, bool damaged);
  void schedule_timer(const incarnation& who, duration local_delay, caf::actor receiver, task work);
  void schedule_disk_job(const incarnation& who, std::size_t lane, duration delay);
  void schedule_call(duration delay, std::function<void()> f);
  /// Takes back what waited for a paused node.
  void release(std::vector<event> held);

  // -- running
  /// Does the next event if it is not after `limit`.
  bool step(duration limit);
  void run_to(duration end);
  bool run_until(const std::function<bool()>& done, duration limit);
  /// Runs `f` and all that the actors make of it; counts what `who` gained or lost in actors.
  void turn(incarnation& who, const std::function<void()>& f);

  // -- watching
  void note(std::string what, severity level = severity::info);
  void log(const incarnation& who, severity level, std::string what);
  /// An actor broke an invariant: the run fails after this turn.
  void violated(std::string what);
  void add_check(std::string name, std::function<std::optional<std::string>()> f);
  void check_replicas(simulation::replica_check f) { replica_checks_.push_back(std::move(f)); }
  /// Looks at the replicas of a node that has just had an event, if that reached one.
  void inspect(node& where);
  const probe_counts& probes() const { return probes_; }
  std::uint64_t hash() const { return hash_.value(); }
  std::uint64_t events() const { return events_; }
  [[noreturn]] void fail(const std::string& what);

  /// Plans played before the last heal_everything() no longer act.
  std::uint64_t plan_generation = 0;

 private:
  struct system_config : caf::actor_system_config {
    system_config();
  };

  void perform(event e);
  void perform_for_node(node& where, event& e);
  void fire(node& where, event& e);
  void record(const event& e);
  void run_checks();

  simulation_options options_;
  seed_tree seeds_;
  duration now_{0};
  system_config config_;
  caf::actor_system system_;
  caf::scheduler::test_coordinator& coordinator_;
  event_queue queue_;
  timeline timeline_;
  trace_hash hash_;
  probe_counts probes_;
  std::uint64_t events_ = 0;
  std::uint64_t events_now_ = 0;  ///< at this very time
  random_stream workload_;
  std::vector<std::unique_ptr<node>> nodes_;  ///< in the order added: the index in events
  std::function<std::string()> leader_;
  std::function<bool(const std::string&)> guard_;
  std::vector<std::string> names_;  ///< sorted
  fabric fabric_;
  std::vector<std::pair<std::string, std::function<std::optional<std::string>()>>> checks_;
  std::vector<simulation::replica_check> replica_checks_;
  std::optional<std::string> violation_;
  bool in_turn_ = false;
  bool failed_ = false;
};

}  // namespace us::sim
