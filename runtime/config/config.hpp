#pragma once
/// The configuration of a cluster: one TOML file, the same for every node.
///
/// Errors: every mistake is one line "file:line: key: what is wrong and what would be
/// right"; nothing is guessed and no key is ignored.

#include "runtime/config/address_config.hpp"
#include "runtime/config/singleton_config.hpp"
#include "runtime/error.hpp"
#include "runtime/node/timing.hpp"
#include "runtime/service/acknowledgement.hpp"
#include "runtime/service/partition.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace us {

struct endpoint {
  std::string host;  ///< IPv4, IPv6 without brackets, or a DNS name
  std::uint16_t port = 0;

  bool loopback() const;
  friend bool operator==(const endpoint&, const endpoint&) = default;
};
std::string to_string(const endpoint& e);
/// "127.0.0.1:7101", "[::1]:7101", "host.example:7101".
result<endpoint> parse_endpoint(std::string_view text);

struct node_config {
  std::string name;
  endpoint address;                       ///< between nodes
  endpoint admin;                         ///< HTTP; port 0: none
  std::string data;                       ///< directory; relative to the working directory
  unsigned priority = 1;                  ///< to lead, 0 to 100; 0: never does
  std::string interface;                  ///< holds addresses that follow a leader; empty: none
  std::map<std::string, endpoint> edges;  ///< by the app's key ("redis")
};

enum class failover_pattern { active_passive, active_active };
enum class replication_pattern { none, leader_follower, leader_leader, leaderless };

enum class state_kind { memory, rocksdb };

struct service_config {
  std::string name;
  failover_pattern failover = failover_pattern::active_active;
  replication_pattern replication = replication_pattern::leader_follower;
  acknowledgement acknowledge = acknowledgement::quorum;
  /// A follower that lacks an entry for longer leaves the set that "all" waits for.
  std::chrono::milliseconds in_sync_lag{1000};
  /// Reads by the leader's lease, if clocks run off by no more than that.
  bool read_lease = false;
  std::uint32_t clock_drift_ppm = 10'000;
  /// 0: what is acknowledged is synced; else written, and synced at most so long after.
  std::chrono::milliseconds sync_interval{0};
  state_kind state = state_kind::memory;  ///< where a replica keeps its records
  /// Shares of the keys, each with a group of replicas of its own.
  std::uint32_t partitions = 1;
  /// Nodes whose replicas vote and keep no records; when the group is founded.
  std::vector<std::string> witnesses = {};
  /// What follows the leader, with failover "active-passive".
  std::optional<address_config> addresses = {};
};

struct link_config {
  std::uint64_t max_inflight = 64u << 20;  ///< bytes queued to one peer
  std::uint64_t max_frame = 64u << 20;     ///< bytes of one frame
};

/// What replicas keep of their change log, and how snapshots are taken and sent.
struct log_config {
  std::uint64_t segment_bytes = 16u << 20;    ///< of one file of the log, reserved ahead
  std::uint64_t retain_bytes = 64u << 20;     ///< entries kept although a snapshot covers them
  std::chrono::seconds retain_for{86'400};    ///< unless they are older than this
  std::uint64_t snapshot_bytes = 128u << 20;  ///< of entries between two snapshots, at least
  std::uint64_t snapshot_rate = 64u << 20;    ///< bytes a second, taken or sent to one follower
  std::uint64_t snapshots_at_once = 1;        ///< that one leader sends
  std::uint64_t losses_bytes = 64u << 20;     ///< of a replica's loss journal: the oldest go first
};

struct cluster_config {
  std::string file;  ///< where it was read from
  std::string name;
  std::string profile = "local";
  bool insecure = false;  ///< allows addresses beyond loopback without TLS
  us::timing timing;
  link_config link;
  log_config log;
  std::vector<service_config> services;
  std::vector<singleton_config> singletons;  ///< each of the program's
  std::vector<node_config> nodes;

  const node_config* find_node(std::string_view node) const;
  const service_config* find_service(std::string_view service) const;
  const singleton_config* find_singleton(std::string_view singleton) const;
};

class toml_reader;

/// What the app adds to the configuration's language.
struct config_language {
  std::vector<std::string> services;   ///< names that [service.NAME] may have
  std::vector<std::string> edge_keys;  ///< keys of [[node]] that hold the app's endpoints
  std::vector<std::string>
      open_edge_keys{};                   ///< those of them that may be beyond loopback as they are
  std::vector<std::string> singletons{};  ///< names that [singleton.NAME] may have
  /// Services that cannot have partitions, with one of their requests that does not say where it
  /// belongs.
  std::map<std::string, std::string> undivided{};
  std::vector<std::string> tables{};  ///< further keys of the file, which `read_tables` reads
  /// Reads the app's own tables, once the rest is read; throws config_error.
  std::function<void(const toml_reader&, const cluster_config&)> read_tables{};
};

result<cluster_config> load_config(const std::string& file, const config_language& language);
result<cluster_config> parse_config(std::string_view text, const std::string& file,
                                    const config_language& language);

}  // namespace us
