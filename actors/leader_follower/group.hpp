#pragma once
/// The replicas of one partition of one service, as each of them sees it. Immutable.

#include "actors/leader_follower/balance_rules.hpp"
#include "runtime/log/change_log.hpp"
#include "runtime/node/context.hpp"
#include "runtime/service/acknowledgement.hpp"
#include "runtime/service/service.hpp"
#include "runtime/state/state_engine.hpp"

#include <caf/actor.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace us {

struct group_limits {
  std::size_t window_bytes = 4u << 20;        ///< to one follower without its acknowledgement
  std::size_t request_bytes = 1u << 20;       ///< entries in one append request
  std::size_t uncommitted_bytes = 64u << 20;  ///< beyond it requests are refused as overloaded
  /// A snapshot is taken after this many bytes of entries, and after no fewer than the last one
  /// has.
  std::uint64_t snapshot_bytes = 128u << 20;
  std::uint64_t snapshot_rate = 64u << 20;  ///< bytes a second, written or sent to one follower
  std::size_t snapshot_chunk_bytes = 256u << 10;  ///< written, or sent, at a time
  std::size_t transfers_max = 1;                  ///< snapshots that a leader sends at once
  log_retention retain{};                         ///< entries kept although a snapshot covers them
  log_options log{};
  std::uint64_t losses_bytes = 64u << 20;  ///< of the loss journal
  std::size_t frame_bytes = 64u << 20;     ///< the longest frame that links carry
  /// An entry, or a message of answers, that has so much is ended, and the next one begun.
  std::size_t entry_bytes = 16u << 20;

  /// What one request may change and answer: behind all else of an entry it still fits a frame.
  std::size_t request_changes_bytes() const { return frame_bytes / 8 * 5; }
};

/// When clients are answered, unless their request says otherwise.
struct acknowledge_policy {
  acknowledgement when = acknowledgement::quorum;
  /// A follower that lacks an entry for longer is not waited for with `all`.
  duration in_sync_lag = std::chrono::seconds{1};
  /// Reads are answered by the leader's lease, without asking anybody, if clocks run faster or
  /// slower than time by no more than that; see lease.hpp.
  bool read_lease = false;
  std::uint32_t clock_drift_ppm = 10'000;
};

struct group {
  us::service service;
  partition_id partition = {};  ///< of the service
  std::string name = {};        ///< "kv", or "kv/5": see group_name()
  std::string directory = {};   ///< of the change log, on the node's disk
  actor_key seat = {};
  caf::actor monitor = {};  ///< heartbeat monitor of this node; may be null in tests
  group_limits limits = {};
  acknowledge_policy acknowledge{};
  engine_ptr engine = memory_engine();  ///< of the state
  std::vector<node_id> witnesses = {};  ///< of the founders
  rules::priorities priorities = {};    ///< to lead, by this node's configuration file

  /// Of its metrics, with more.
  metrics::labels labels(metrics::labels with = {}) const {
    with.emplace("service", service.name());
    if (!partition.only()) with.emplace("partition", std::to_string(partition.index));
    return with;
  }
  unsigned priority(node_id node) const { return rules::priority_of(node, priorities); }
  /// How what all partitions go through is logged: of one of many groups it is no event for people.
  severity told() const { return partition.only() ? severity::event : severity::info; }
};

using group_ptr = std::shared_ptr<const group>;

}  // namespace us
