#pragma once
/// Supervisor: starts children in order, replaces those that end, stops them in
/// reverse order. Supervisors nest: a child may be a supervisor.
///
/// Owns its children: however it ends, they end. Receives down messages, tasks, and exits:
/// user_shutdown (or any error) stops the children one after another, last first, each with
/// user_shutdown and, after its drain timeout, kill; then the supervisor ends with the reason
/// it was given. kill ends it and all children at once.
/// A child that ends is replaced by restart kind and strategy after a backoff. A factory
/// that throws, or returns no actor, counts as a restart. One restart more than the policy
/// allows ends the supervisor with an error, so that its own parent decides (escalation).
/// A child is started again only when its predecessor is down (leases are back by then).
/// Invariants: at most one living actor per child; a down message of a former one, or a second
/// one, changes nothing.
/// Time: the node's clock. Chance: the jitter of the backoff.

#include "runtime/node/node_actor.hpp"
#include "runtime/supervision/child_registry.hpp"
#include "runtime/supervision/supervision_rules.hpp"

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace us {

struct child_spec {
  std::string name;  ///< unique among its siblings
  /// Starts the child; runs in the supervisor's context, again for each restart. May throw.
  std::function<caf::actor(caf::actor_system&)> start;
  us::restart restart = restart::permanent;
  /// From user_shutdown to kill.
  duration drain_timeout = std::chrono::seconds{5};
};

struct supervisor_spec {
  std::string name;  ///< in logs, errors and metrics
  us::strategy strategy = strategy::one_for_one;
  restart_policy policy;
  std::vector<child_spec> children;  ///< started in this order
};

struct supervised {
  caf::actor root;                              ///< the supervisor
  std::shared_ptr<const child_registry> children;  ///< its living children by name
};

/// Children are started in the supervisor's first turn, not before this returns.
supervised spawn_supervisor(caf::actor_system& system, const node_ptr& node, supervisor_spec spec);

class supervisor final : public node_actor {
 public:
  supervisor(caf::actor_config& config, node_ptr node, supervisor_spec spec,
             std::shared_ptr<child_registry> registry);
  ~supervisor() override;

  caf::behavior make_behavior() override;
  const char* name() const override { return "supervisor"; }

 private:
  enum class phase : unsigned char { ended, waiting, running, stopping };
  struct child {
    child_spec spec;
    phase state = phase::waiting;
    caf::actor who;
    time_point started{};
    std::uint64_t generation = 0;  ///< tells timers of a former incarnation
    supervision::failure_streak streak;
  };

  // starting
  void start_waiting(std::size_t first);
  bool start(std::size_t at);
  // a child ended
  void on_down(const caf::down_msg& down);
  void ended(std::size_t at, const caf::error& reason);
  void failed(std::size_t at, const caf::error& reason);
  void restart_one(std::size_t at, duration delay);
  void restart_group(std::size_t first, duration delay);
  // stopping
  void on_exit(const caf::exit_msg& exit);
  void stop_all(caf::error reason);
  void stop_next();
  void drain(std::size_t at);
  void escalate(std::size_t at, const caf::error& reason);
  void log_restart(const child& which, const caf::error& reason, std::size_t attempt,
                   duration delay);

  std::string name_;
  us::strategy strategy_;
  restart_policy policy_;
  std::vector<child> children_;
  std::shared_ptr<child_registry> registry_;
  supervision::restart_window window_;

  static constexpr std::size_t nobody = static_cast<std::size_t>(-1);
  std::size_t stop_from_ = nobody;  ///< children from here on are being stopped
  duration restart_delay_{};        ///< what follows once they are, unless ending_
  std::uint64_t group_generation_ = 0;
  bool ending_ = false;
  caf::error end_reason_;
};

}  // namespace us
