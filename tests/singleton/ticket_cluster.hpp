#pragma once
/// A simulated cluster whose singleton is a ticket desk, with a log of every instance and of every
/// request that one executed, and clients on every node.

#include "actors/simulation/simulated_client.hpp"
#include "actors/singleton/singleton.hpp"
#include "runtime/simulation/gtest.hpp"
#include "runtime/simulation/simulation.hpp"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/singleton/tickets.capnp.h"

namespace us::test {

/// What really happened, as a witness outside of the cluster saw it.
struct desk_log {
  struct life {
    std::string node;
    std::uint64_t start_of_node = 0;
    us::epoch epoch;
    start_reason why;
    std::string from;
    duration began{};
    std::shared_ptr<const us::tenure> tenure;
    bool ended = false;
  };
  struct execution {
    std::uint64_t request;
    std::size_t by;  ///< in lives
  };

  simulation* sim = nullptr;
  std::deque<life> lives;  ///< in the order in which they began
  std::vector<execution> executions;
  std::optional<std::string> wrong;  ///< an instance acted after a newer one had begun
  /// Makes the next that start fail, by throwing.
  int failing_starts = 0;
  /// Whether an instance that is to end first answers what it has taken.
  bool drains = false;
  bool one_epoch_at_a_time = true;
};

struct ticket_options {
  std::vector<std::string> nodes{"a", "b", "c"};
  std::uint64_t seed = 1;
  bool lease = true;
  std::int64_t drift_ppm = 10'000;
  std::uint64_t requests_max = 10'000;
  restart_policy restarts{};
  duration cool_down = std::chrono::seconds{60};
};

class ticket_cluster {
 public:
  explicit ticket_cluster(const ticket_options& how);

  simulation& sim() { return sim_; }
  desk_log& log() { return *log_; }
  const singleton_config& settings() const { return settings_; }

  /// The living instances whose time is not over, paused ones too.
  std::vector<std::size_t> living() const;
  /// The node of the only one; empty: none, or more.
  std::string lives_on() const;
  const desk_log::life& present() const;
  std::optional<std::string> more_than_one() const;
  /// Runs until the only instance lives on that node ("": anywhere) and has so for a second.
  [[nodiscard]] bool settles(const std::string& node = "",
                             duration limit = std::chrono::seconds{10});
  [[nodiscard]] bool lives_on(const std::string& node, duration limit);

  void hand_over();
  simulated_client& client_at(const std::string& node);
  /// Takes a ticket from a node, named by its place in requests().
  simulated_call<Ticket> take(const std::string& node);
  simulated_call<Ticket> take_later(const std::string& node, std::chrono::milliseconds after);
  /// A request from each node every `interval`, until stop_load().
  void load(duration interval);
  void stop_load() { loading_ = false; }
  const std::deque<simulated_call<Ticket>>& requests() const { return requests_; }
  /// What is wrong among the outcomes of all requests, which must have ended; empty: nothing.
  std::string check_outcomes() const;
  std::size_t count(outcome_kind kind) const;

 private:
  void load_from(const std::string& node, duration interval);

  std::shared_ptr<desk_log> log_;
  singleton_config settings_;
  simulation sim_;
  std::map<std::string, std::unique_ptr<simulated_client>> clients_;
  std::deque<simulated_call<Ticket>> requests_;
  bool loading_ = false;
};

/// The desk, which writes down what it does.
singleton ticket_desk(const std::shared_ptr<desk_log>& log);

}  // namespace us::test
