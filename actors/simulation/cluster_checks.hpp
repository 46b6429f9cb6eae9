#pragma once
/// What must hold among the replicas of a group after every event, and who leads.
///
/// One leader per epoch; epoch and commit of a running replica never go back; an entry that one
/// replica has committed is the same wherever it is committed (Raft's election safety and state
/// machine safety, Ongaro's thesis 3.6.3). A replica that starts again may have forgotten how far
/// it had committed, not what. What a majority had is lost when so many lost power at once that
/// their leader was elected by all (elected_after_loss): then only what some replica of the run
/// still has committed must stay. Memory: eight bytes for every committed entry of the run.

#include "runtime/node/inspection.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace us {

struct leadership {
  us::epoch epoch;
  std::string node;
};

class cluster_checks {
 public:
  explicit cluster_checks(duration overstay_max) : overstay_max_(overstay_max) {}

  /// A replica of `node`, started for the `start`-th time, after an event. What is wrong, or
  /// nullopt. `at`: the time since the run began.
  std::optional<std::string> look(const std::string& node, std::uint64_t start,
                                  const inspected& replica, duration at);

  /// The leader of the newest epoch so far; nullopt before the first.
  std::optional<leadership> newest(std::string_view service) const;
  /// How many entries at least one replica has committed.
  log_index committed(std::string_view service) const;

 private:
  struct last_seen {
    std::string node;
    std::uint64_t start = 0;
    time_point opened{};
    us::epoch epoch;
    log_index commit;
    duration seen{0};
    duration overstayed{0};  ///< how long it leads on while a newer leader exists
  };
  // After every event: few services, few nodes, found faster in a row than in a tree.
  struct group_facts {
    std::string service;
    std::map<us::epoch, std::string> leaders;
    std::vector<std::uint64_t> digests;  ///< of entry 1, 2, ...; 0: committed, not seen
    std::vector<last_seen> replicas;
  };

  group_facts& group_of(std::string_view service);
  const group_facts* find(std::string_view service) const;
  static last_seen& replica_at(group_facts& group, const std::string& node);
  static void forget_lost(group_facts& group);
  static std::optional<std::string> check_leader(group_facts& group, const std::string& node,
                                                 const replica_view& now);
  std::optional<std::string> check_overstay(const group_facts& group, last_seen& before,
                                            const replica_view& now, duration at) const;
  static std::optional<std::string> check_entries(group_facts& group, last_seen& before,
                                                  const inspected& replica, log_index commit);

  duration overstay_max_;
  std::vector<group_facts> groups_;
};

}  // namespace us
