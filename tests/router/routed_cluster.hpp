#pragma once
/// Three simulated nodes of a service that keeps nothing, and a fourth whose router sends it
/// requests all the time: what became of each, and how often it was executed.

#include "actors/router/router.hpp"
#include "runtime/node/node_actor.hpp"
#include "runtime/simulation/simulation.hpp"
#include "tests/router/echo_service.hpp"

#include <memory>
#include <string>
#include <vector>

namespace us::test {

struct request_record {
  std::uint64_t number = 0;
  bool idempotent = false;
  duration submitted{0};
  duration ended{0};
  bool open = true;
  outcome_kind kind = outcome_kind::unknown;
  std::string text;
  std::string node;  ///< that executed it, when done
};

/// Shared by the client and the test.
struct routed_load {
  std::vector<request_record> requests;
  std::function<duration()> now;
  duration interval = std::chrono::milliseconds{2};
  unsigned charges = 4;  ///< one of so many must not be executed twice
  bool stopped = false;
};

class routed_cluster {
 public:
  explicit routed_cluster(std::uint64_t seed, router::options how = {.service = "echo"});

  simulation& sim() { return sim_; }
  routed_load& load() { return *load_; }
  std::shared_ptr<router> client() const { return *router_; }

  /// Lets every request end, then fails the run when one was executed twice, or was executed though
  /// it was rejected, or has an answer that nobody gave.
  void finish();
  /// Requests that were not answered; those that may be executed twice, or all.
  std::vector<request_record> failed(bool all = false) const;
  /// How many each node answered since then.
  std::map<std::string, int> answered_by(duration since) const;
  duration slowest(duration since) const;

  static const std::vector<std::string>& backends();

 private:
  caf::actor start(caf::actor_system& system, const node_ptr& node);

  std::shared_ptr<executions> executions_ = std::make_shared<executions>();
  std::shared_ptr<routed_load> load_ = std::make_shared<routed_load>();
  std::shared_ptr<std::shared_ptr<router>> router_ = std::make_shared<std::shared_ptr<router>>();
  router::options how_;
  simulation sim_;
};

}  // namespace us::test
