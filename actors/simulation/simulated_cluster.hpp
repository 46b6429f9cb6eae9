#pragma once
/// A cluster of a service in one process under virtual time: for tests of one's own service.
///
///   us::simulated_cluster cluster{{.nodes = 3, .seed = us::test_seed()}, counter_service()};
///   ASSERT_TRUE(cluster.elects_leader());
///   cluster.network().isolate({cluster.leader()});
///   auto add = cluster.client_at("b").call<Add, Total>([](Add::Builder add) { ... });
///   cluster.advance(5s);
///   EXPECT_TRUE(add.done());
///
/// The nodes run what us::main runs: the same actors, supervision and configuration; only the
/// ports under them are simulated. Everything comes from the seed.
/// Checked after every event: the invariants of every store and role, and what must hold among
/// the replicas (cluster_checks). What is broken throws simulation_failure, with the seed and the
/// end of the timeline.
/// Limits given to functions are virtual time.

#include "actors/app/app.hpp"
#include "actors/simulation/cluster_checks.hpp"
#include "actors/simulation/simulated_client.hpp"
#include "runtime/simulation/simulation.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace us {

struct cluster_options {
  std::size_t nodes = 3;  ///< named "a", "b", ...; at most 26
  /// Further nodes, named after those, that start_spares() starts: they found no group, but may be
  /// added to one.
  std::size_t spares = 0;
  std::uint64_t seed = 1;
  us::timing timing = {};
  /// What safety_phase() plays for `length`: made from the seed, or `plan`.
  intensity faults = intensity::rough;
  duration length = std::chrono::seconds{10};
  std::optional<fault_plan> plan = {};
  /// Gets the end of the timeline when the cluster is destroyed: a run may be judged only after.
  std::shared_ptr<std::string> timeline_at_end = {};
  /// A node that ends by itself is started again after this long, as by a launcher.
  duration restart_exited = std::chrono::milliseconds{200};
  /// Of the program's first service.
  std::uint32_t partitions = 1;
  /// So many of the nodes, the last ones, vote on it and keep no records.
  std::size_t witnesses = 0;
  /// To lead, by name; 1 where none is given. One of priority 0 that leads or stands is a failure.
  std::map<std::string, unsigned> priorities = {};
};

/// The plan of these options: theirs, or the one made from the seed.
fault_plan plan_of(const cluster_options& how);

/// The last ones, as many as there are to be.
std::vector<std::string> witnesses_of(const cluster_options& how);

/// For make_program(): as live but for smaller logs, since nodes start often here, and all disks
/// lie in this process's memory. `service`: one with so many partitions, and these witnesses.
/// `priorities`: of nodes.
cluster_config simulated_config(const std::string& service = {}, std::uint32_t partitions = 1,
                                std::vector<std::string> witnesses = {},
                                const std::map<std::string, unsigned>& priorities = {});

class simulated_cluster {
 public:
  simulated_cluster(cluster_options how, service only);
  simulated_cluster(cluster_options how, const app& application);
  /// Any program. `service`: the name of the one that is asked about when none is named, which is
  /// divided like this.
  simulated_cluster(cluster_options how, node_program program, std::string service,
                    partitioning partitions = {});
  ~simulated_cluster();

  // -- parts
  simulation& world() { return sim_; }
  sim::fabric& network() { return sim_.network(); }
  sim::node& node(std::string_view name) { return sim_.node(name); }
  const std::vector<std::string>& nodes() const { return sim_.nodes(); }
  void start_spares();
  /// The client number `number` on that node. Lives as long as the cluster.
  simulated_client& client_at(std::string_view node, unsigned number = 0);
  /// The same of a singleton.
  simulated_client& client_of(std::string_view singleton, std::string_view node,
                              unsigned number = 0);

  // -- time
  duration now() const { return sim_.now(); }
  void advance(duration length) { sim_.run_for(length); }
  [[nodiscard]] bool advance_until(const std::function<bool()>& done, duration limit);
  /// Calls `f` every `interval` from now on, between events, until it returns false.
  void every(duration interval, std::function<bool()> f);

  // -- who leads, and whether the replicas agree: of the first partition, unless another is named
  /// The running node that leads in the newest epoch; empty when there is none.
  std::string leader(std::uint32_t partition = 0) const;
  /// The newest that there was so far; nullopt before the first.
  std::optional<leadership> newest_leadership(std::uint32_t partition = 0) const {
    return checks_.newest(groups_.at(partition));
  }
  /// Of every partition.
  [[nodiscard]] bool elects_leader(duration limit = std::chrono::seconds{5});
  /// Asks the present leader to hand over to that node, as an operator does; it may refuse. No
  /// effect when nobody leads.
  void ask_to_lead(std::string_view name, std::uint32_t partition = 0);
  /// Whether one of these nodes becomes (or is) leader.
  [[nodiscard]] bool elects_leader_among(const std::vector<std::string>& some,
                                         duration limit = std::chrono::seconds{5});
  /// Asks so until it leads; needs a healthy cluster.
  [[nodiscard]] bool elect(std::string_view name, duration limit = std::chrono::seconds{10});
  /// The members of the group, as its leader has them; every node when none leads.
  std::vector<std::string> members(std::uint32_t partition = 0) const;
  /// How many of them are voters.
  std::size_t voters() const;
  /// Every member runs, and all their replicas have applied the same entries and hold the same
  /// records, in every partition.
  bool replicas_agree() const;
  /// What differs, for people; empty when they agree.
  std::string disagreement() const;

  /// The running node where that singleton's instance lives; empty when there is none. With
  /// safety "heartbeat" the first of several.
  std::string lives_at(std::string_view singleton) const;

  // -- faults
  /// What safety_phase() plays.
  const fault_plan& plan() const { return plan_; }
  /// Safety under faults: plays the plan for its length. Nothing is healed.
  void safety_phase();
  /// Liveness once healed: everything is mended and started, then there must be a leader of every
  /// partition, and its replicas must agree and have every entry that was ever committed, at some
  /// moment of its own within the limit.
  void liveness_phase(duration limit = std::chrono::seconds{20});

 private:
  std::vector<std::pair<std::string, const inspected*>> replicas(std::uint32_t partition) const;
  void note_voters(const std::string& name, const inspected& replica);
  bool stands_in_vain(const std::string& name, const inspected& replica) const;
  bool may_lose_disk(const std::string& name) const;
  bool may_lose_replica(const std::string& name, std::uint32_t partition) const;
  bool votes_on_disk(const std::string& name, std::uint32_t partition) const;
  const inspected* leading(std::uint32_t partition) const;
  std::string disagreement(std::uint32_t partition) const;
  bool caught_up(std::uint32_t partition) const;

  std::string service_;
  partitioning partitions_;
  std::vector<std::string> groups_;  ///< their names, by partition
  std::vector<std::string> spares_;
  node_program program_;  ///< of the spares
  std::shared_ptr<std::string> timeline_at_end_;
  cluster_checks checks_;
  /// By partition and node, as it had them last.
  std::vector<std::map<std::string, std::vector<node_id>>> voters_seen_;
  mutable simulation sim_;
  fault_plan plan_;
  std::vector<std::string> witnesses_;
  std::map<std::string, unsigned> priorities_;
  /// By node, number, and the singleton if it is of one.
  std::map<std::tuple<std::string, unsigned, std::string>, std::unique_ptr<simulated_client>>
      clients_;
};

}  // namespace us
