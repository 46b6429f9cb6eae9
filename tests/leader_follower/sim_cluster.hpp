#pragma once
/// A simulated cluster of the lists service with clients and the checks every run makes:
/// one leader per epoch, logs that agree, a linearizable history, no acknowledged item lost or
/// twice.

#include "actors/leader_follower/group.hpp"
#include "runtime/simulation/simulation.hpp"
#include "tests/leader_follower/list_client.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace us::test {

class sim_cluster {
 public:
  sim_cluster(std::vector<std::string> nodes, std::uint64_t seed, group_limits limits = {});

  simulation& sim() { return sim_; }
  workload& work() { return *work_; }

  /// Two leaders of one epoch fail the run. Called now and then, as the timeline is bounded.
  void check_leaders();
  /// Starts a client on every running node that has none.
  void start_clients();
  /// The newest leader that announced itself; empty before the first.
  std::string leader() const;
  std::uint64_t leader_epoch() const;
  bool wait_for_leader(duration limit);
  /// Safety under `how` for `length`, then heals and expects the cluster to live: new requests are
  /// answered, all operations end.
  void run(intensity how, duration length);
  /// Starts what is down, mends everything, and expects requests to be answered.
  void heal_and_expect_life();
  /// Ends the workload, lets every request end and checks the history and the logs.
  void finish();

 private:
  void read_everything();
  void check_logs();
  void check_states();
  /// The bytes of its entries by index.
  std::map<std::uint64_t, std::string> log_of(const std::string& node);

  std::shared_ptr<workload> work_;
  simulation sim_;
  std::map<std::uint64_t, std::string> leaders_;  ///< by epoch
  std::size_t read_entries_ = 0;
  std::map<std::string, std::uint64_t> clients_at_;  ///< node -> start that has a client
};

}  // namespace us::test
