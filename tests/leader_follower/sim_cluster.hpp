#pragma once
/// A simulated cluster of the lists service, which may have partitions, with clients, and what is
/// checked at the end of a run beside what simulated_cluster checks after every event: a
/// linearizable history, no acknowledged item lost or twice, replicas that agree. Where requests
/// may be answered before a majority has them, instead: what was acknowledged and is lost is in the
/// loss journals, each group's in its own, and nothing else. Where entries are synced at intervals,
/// some may be lost, but only when a leader said so.

#include "actors/leader_follower/group.hpp"
#include "actors/simulation/simulated_cluster.hpp"
#include "tests/leader_follower/cut_observer.hpp"
#include "tests/leader_follower/list_client.hpp"
#include "tests/leader_follower/loss_reconciliation.hpp"
#include "tests/leader_follower/member_operator.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace us::test {

/// Nodes start often here, and read all of the log's last segment then.
inline group_limits small_segments() {
  group_limits limits;
  limits.log.segment_bytes = limits.snapshot_bytes = limits.retain.bytes = 256u << 10;
  return limits;
}

/// A snapshot every few entries, and logs that keep almost nothing behind it.
inline group_limits tiny_snapshots() {
  group_limits limits;
  limits.snapshot_bytes = 3000;
  limits.snapshot_chunk_bytes = 1000;
  limits.snapshot_rate = 4u << 20;
  limits.retain.bytes = 2000;
  limits.log = {.segment_bytes = 4096, .cache_bytes = 2048};
  return limits;
}

/// Entries are synced every 50 ms.
inline group_limits synced_at_intervals(group_limits limits) {
  limits.log.sync_interval = std::chrono::milliseconds{50};
  return limits;
}

class sim_cluster {
 public:
  explicit sim_cluster(cluster_options how, group_limits limits = small_segments(),
                       acknowledge_policy acknowledge = {});

  simulated_cluster& cluster() { return cluster_; }
  simulation& sim() { return cluster_.world(); }
  workload& work() { return *work_; }
  members_workload& members_work() { return *members_work_; }

  /// Starts a client on every running node that has none.
  void start_clients();
  std::string leader() const { return cluster_.leader(); }
  std::uint64_t leader_epoch() const;
  /// Until a leader of a newer epoch than now.
  bool wait_for_leader(duration limit);
  /// Starts the spare nodes, and on every running node an operator that changes members.
  void begin_member_changes();
  /// Asks for one change at that node; waits for its outcome.
  change_outcome change(const std::string& at, message::MemberAction action,
                        const std::string& node, bool witness = false,
                        std::chrono::milliseconds timeout = std::chrono::seconds{3});
  /// The cluster's safety phase with clients, then heals and expects it to live.
  void run();
  /// Starts what is down, mends everything, and expects requests to be answered.
  void heal_and_expect_life();
  /// Ends the workload, lets every request end and checks the history and the replicas.
  void finish();
  /// What the replicas hold at the end; after finish().
  const final_lists& final_records() const { return final_; }
  /// Whether a leader was elected that may lack what a majority had acknowledged.
  bool majority_lost_power() { return sim().probes().of(rare::majority_lost_power) > 0; }
  /// Another way to that node's disk.
  std::shared_ptr<disk> disk_of(const std::string& node);
  /// From now on sees what replicas cut, and finish() holds every loss journal against it. Of runs
  /// in which no disk is lost.
  void watch_cuts();
  const cut_observer& cuts() const { return cuts_; }
  /// What is on the disk of that node's loss journals.
  std::vector<noted_loss> noted_losses(const std::string& node);

 private:
  struct replica_end {
    log_index applied;
    final_lists lists;
  };
  /// Of each node, by partition.
  using node_ends = std::map<std::string, std::vector<replica_end>>;

  bool all_wait_for_commit() const;
  void start_operators();
  void make_all_voters();
  /// Of each replica that runs, for people.
  std::string what_replicas_are();
  bool nothing_may_be_lost();
  bool more_power_lost_than_bearable();
  void read_everything();
  void check_ends();
  /// Those of all replicas are the same, and where they belong.
  void check_records(std::uint32_t partition, const node_ends& ends);
  void check_cuts(const std::string& node);
  /// The node is down from then on.
  std::vector<replica_end> ends_of(const std::string& node);
  static replica_end end_of(replica_store& store);
  std::vector<std::string> loss_directories_of(const std::string& node);

  std::shared_ptr<workload> work_;
  std::shared_ptr<members_workload> members_work_ = std::make_shared<members_workload>();
  std::map<std::string, std::uint64_t> operators_at_;  ///< node -> start that has one
  std::vector<std::string> witnesses_;
  simulated_cluster cluster_;
  final_lists final_;
  cut_observer cuts_;
  bool watches_cuts_ = false;
  std::map<std::string, std::uint64_t> clients_at_;  ///< node -> start that has a client
};

}  // namespace us::test
