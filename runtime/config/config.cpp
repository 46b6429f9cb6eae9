#include "runtime/config/config.hpp"

#include "runtime/config/node_checks.hpp"
#include "runtime/config/toml_file.hpp"

#include <algorithm>
#include <set>

namespace us {

namespace {

using std::chrono::milliseconds;

constexpr std::int64_t hour_ms = 3'600'000;

void read_duration(const toml_reader& from, const char* key, milliseconds& into) {
  into = milliseconds{from.integer_or(key, 1, hour_ms, into.count())};
}

void read_timing(const toml_reader& from, timing& into) {
  from.allow({"heartbeat_ms", "heartbeat_silence_max_ms", "phi_threshold", "leader_beat_ms",
              "election_timeout_min_ms", "request_timeout_ms"});
  read_duration(from, "heartbeat_ms", into.heartbeat);
  read_duration(from, "heartbeat_silence_max_ms", into.heartbeat_silence_max);
  into.phi_threshold = from.number_or("phi_threshold", 1, 100, into.phi_threshold);
  read_duration(from, "leader_beat_ms", into.leader_beat);
  read_duration(from, "election_timeout_min_ms", into.election_timeout_min);
  read_duration(from, "request_timeout_ms", into.request_timeout);
  if (into.heartbeat_silence_max < 2 * into.heartbeat)
    from.fail("heartbeat_silence_max_ms", "must be at least twice heartbeat_ms (" +
                                              std::to_string(into.heartbeat.count()) + "), is " +
                                              std::to_string(into.heartbeat_silence_max.count()));
  if (into.election_timeout_min < 2 * into.leader_beat)
    from.fail("election_timeout_min_ms", "must be at least twice leader_beat_ms (" +
                                             std::to_string(into.leader_beat.count()) + "), is " +
                                             std::to_string(into.election_timeout_min.count()));
}

void read_cluster(const toml_reader& file, cluster_config& into) {
  auto from = file.table("cluster");
  if (!from) file.fail("cluster", "missing; a configuration begins with [cluster]");
  from->allow({"name", "profile", "insecure"});
  into.name = from->text("name");
  check_name(from->place("name"), into.name);
  into.profile = from->choice_or("profile", {"fast", "local", "lan", "wan"}, into.profile);
  into.timing = *timing::profile(into.profile);
  into.insecure = from->boolean_or("insecure", false);
}

// What is named in the language of the configuration but has no implementation in this
// version is refused: running something else than what was asked for would be worse.
void require_available(const toml_reader& from, const char* key, const std::string& chosen,
                       const std::vector<std::string>& available) {
  if (std::find(available.begin(), available.end(), chosen) != available.end()) return;
  std::string choices;
  for (const auto& each : available) choices += (choices.empty() ? "\"" : " or \"") + each + "\"";
  from.fail(key, "\"" + chosen + "\" is not available in this version; use " + choices);
}

acknowledgement read_acknowledge(const toml_reader& from) {
  const auto chosen = from.choice_or("acknowledge", {"async", "quorum", "all"}, "quorum");
  return acknowledgement_of(chosen).value_or(acknowledgement::quorum);
}

/// 0: fsync.
milliseconds read_sync_interval(const toml_reader& from) {
  const bool interval = from.choice_or("durability", {"fsync", "interval"}, "fsync") == "interval";
  if (!interval && from.has("sync_interval_ms"))
    from.fail("sync_interval_ms", "is of durability = \"interval\"; set that or leave this out");
  if (!interval) return milliseconds{0};
  return milliseconds{from.integer_or("sync_interval_ms", 1, 60'000, 100)};
}

void read_lease(const toml_reader& from, service_config& into) {
  into.read_lease = from.boolean_or("read_lease", false);
  if (!into.read_lease && from.has("clock_drift_ppm"))
    from.fail("clock_drift_ppm", "is of read_lease = true; set that or leave this out");
  into.clock_drift_ppm = static_cast<std::uint32_t>(
      from.integer_or("clock_drift_ppm", 1, 500'000, into.clock_drift_ppm));
}

std::uint32_t read_partitions(const std::string& name, const toml_reader& from, bool passive,
                              const config_language& language) {
  const auto count = from.integer_or("partitions", 1, partitions_max, 1);
  if (count == 1) return 1;
  if (passive)
    from.fail("partitions",
              "addresses follow one leader, and each partition has a leader of its own; leave it "
              "out or use failover = \"active-active\"");
  if (const auto at = language.undivided.find(name); at != language.undivided.end())
    from.fail("partitions", "must be 1: the request " + at->second + " of " + name +
                                " does not say which partition it belongs to");
  return static_cast<std::uint32_t>(count);
}

service_config read_service(const std::string& name, const toml_reader& from, const timing& timing,
                            const config_language& language) {
  auto failover = from.choice_or("failover", {"active-passive", "active-active"}, "active-active");
  const bool passive = failover == "active-passive";
  std::vector<std::string> known{"failover",       "replication", "acknowledge",
                                 "in_sync_lag_ms", "durability",  "sync_interval_ms",
                                 "state",          "read_lease",  "clock_drift_ppm",
                                 "partitions",     "witnesses"};
  if (passive)
    for (const auto* key : address_keys) known.emplace_back(key);
  else if (from.has("addresses"))
    from.fail("addresses", "addresses follow the leader only with failover = \"active-passive\"");
  from.allow(known);
  auto replication = from.choice_or(
      "replication", {"none", "leader-follower", "leader-leader", "leaderless"}, "leader-follower");
  require_available(from, "replication", replication, {"leader-follower", "none"});
  if (passive && replication != "leader-follower")
    from.fail("failover",
              "\"active-passive\" needs replication = \"leader-follower\": the leader is the "
              "active; for a server without replication there is guard");
  service_config service{.name = name, .acknowledge = read_acknowledge(from)};
  const bool stateless = replication == "none";
  for (const char* key : {"acknowledge", "in_sync_lag_ms"})
    if (stateless && from.has(key))
      from.fail(key, "there is nothing to acknowledge with replication = \"none\"; leave it out");
  for (const char* key : {"durability", "sync_interval_ms", "state", "read_lease",
                          "clock_drift_ppm", "partitions", "witnesses"})
    if (stateless && from.has(key))
      from.fail(key, "there is nothing to keep with replication = \"none\"; leave it out");
  service.sync_interval = read_sync_interval(from);
  read_lease(from, service);
  if (from.choice_or("state", {"memory", "rocksdb"}, "memory") == "rocksdb")
    service.state = state_kind::rocksdb;
  service.partitions = read_partitions(name, from, passive, language);
  if (passive) service.failover = failover_pattern::active_passive;
  if (stateless) service.replication = replication_pattern::none;
  service.in_sync_lag = std::max(service.in_sync_lag, 4 * timing.leader_beat);
  read_duration(from, "in_sync_lag_ms", service.in_sync_lag);
  if (service.in_sync_lag < 2 * timing.leader_beat)
    from.fail("in_sync_lag_ms", "must be at least twice leader_beat_ms (" +
                                    std::to_string(timing.leader_beat.count()) + "), is " +
                                    std::to_string(service.in_sync_lag.count()));
  return service;
}

void read_services(const toml_reader& file, const config_language& language, cluster_config& into) {
  for (const auto& [name, from] : file.tables_of("service")) {
    const auto& known = language.services;
    if (std::find(known.begin(), known.end(), name) == known.end())
      from.fail("", "this program has no such service; it has " + listed(known));
    into.services.push_back(read_service(name, from, into.timing, language));
  }
  for (const auto& name : language.services)
    if (into.find_service(name) == nullptr)
      file.fail("service." + name, "missing; add a table [service." + name + "]");
}

void read_singletons(const toml_reader& file, const config_language& language,
                     cluster_config& into) {
  const auto& known = language.singletons;
  for (const auto& name : known)
    into.singletons.push_back(default_singleton(name, into.nodes.size(), into.timing));
  for (const auto& [name, from] : file.tables_of("singleton")) {
    const auto at = std::find(known.begin(), known.end(), name);
    if (at == known.end())
      from.fail("", known.empty() ? "this program has no singletons"
                                  : "this program has no such singleton; it has " + listed(known));
    into.singletons[static_cast<std::size_t>(at - known.begin())] =
        read_singleton(name, from, into.nodes.size(), into.timing);
  }
}

bool any_follows_a_leader(const cluster_config& config) {
  return std::ranges::any_of(config.services, [](const service_config& each) {
    return each.failover == failover_pattern::active_passive;
  });
}

node_config read_node(const toml_reader& from, const config_language& language, bool interface) {
  std::vector<std::string> known{"name", "address", "admin", "data", "priority"};
  if (interface) known.emplace_back("interface");
  known.insert(known.end(), language.edge_keys.begin(), language.edge_keys.end());
  from.allow(known);
  node_config node;
  node.name = from.text("name");
  check_name(from.place("name"), node.name);
  node.address = read_endpoint(from.place("address"), from.text("address"));
  if (from.has("admin")) node.admin = read_endpoint(from.place("admin"), from.text("admin"));
  node.data = from.text("data");
  if (node.data.empty()) from.fail("data", "must be a directory, is empty");
  node.priority = static_cast<unsigned>(from.integer_or("priority", 0, 100, node.priority));
  node.interface = from.text_or("interface", "");
  for (const auto& key : language.edge_keys)
    if (from.has(key)) node.edges[key] = read_endpoint(from.place(key), from.text(key));
  return node;
}

void read_nodes(const toml_reader& file, const config_language& language, cluster_config& into) {
  node_checks checks{into.insecure, language.open_edge_keys};
  for (const auto& from : file.elements_of("node")) {
    into.nodes.push_back(read_node(from, language, any_follows_a_leader(into)));
    checks.add(from, into.nodes.back());
  }
  if (into.nodes.empty()) file.fail("node", "missing; add a table [[node]] for each node");
}

/// Once the nodes are known.
void read_witnesses(const toml_reader& file, cluster_config& into) {
  for (const auto& [name, from] : file.tables_of("service")) {
    if (!from.has("witnesses")) continue;
    auto& service = *std::ranges::find(into.services, name, &service_config::name);
    service.witnesses = from.texts("witnesses");
    std::set<std::string> different;
    for (const auto& each : service.witnesses) {
      if (into.find_node(each) == nullptr)
        from.fail("witnesses", "there is no node \"" + each + "\"");
      if (!different.insert(each).second) from.fail("witnesses", "\"" + each + "\" is in it twice");
    }
    const auto nodes = into.nodes.size();
    if (2 * different.size() >= nodes)
      from.fail("witnesses",
                "fewer than half of the nodes may be witnesses, so that every majority "
                "has one that keeps the records: " +
                    std::to_string(different.size()) + " of " + std::to_string(nodes));
  }
}

/// Once nodes and witnesses are known: somebody has to lead.
void check_priorities(const toml_reader& file, const cluster_config& config) {
  for (const auto& [name, from] : file.tables_of("service")) {
    const auto& service = *config.find_service(name);
    if (service.replication != replication_pattern::leader_follower) continue;
    const auto& witnesses = service.witnesses;
    if (std::ranges::none_of(config.nodes, [&](const node_config& each) {
          return each.priority > 0 && std::ranges::find(witnesses, each.name) == witnesses.end();
        }))
      from.fail("",
                "no node may lead: each has priority = 0 or is a witness; give one that is none "
                "a priority above 0");
  }
}

/// Once the nodes are known: how many there are, and what their interfaces are called.
void read_service_addresses(const toml_reader& file, cluster_config& into) {
  for (const auto& [name, from] : file.tables_of("service")) {
    const auto at = std::ranges::find(into.services, name, &service_config::name);
    if (at->failover != failover_pattern::active_passive) continue;
    at->addresses = read_address_group(from, into.nodes.size(), into.timing);
    const auto usual = from.text_or("interface", "");
    for (auto& node : into.nodes) {
      if (node.interface.empty()) node.interface = usual;
      if (node.interface.empty())
        from.fail("interface",
                  "missing; name the interface that holds the addresses, such as "
                  "\"eth0\", here or in each [[node]]; " +
                      node.name + " has none");
    }
  }
}

void read_log(const toml_reader& from, log_config& into) {
  from.allow({"retain_bytes", "retain_seconds", "snapshot_bytes", "snapshot_bytes_per_second",
              "snapshots_at_once", "segment_bytes", "losses_bytes"});
  const auto bytes = [&from](const char* key, std::int64_t low, std::uint64_t& value) {
    value = static_cast<std::uint64_t>(
        from.integer_or(key, low, std::int64_t{1} << 40, static_cast<std::int64_t>(value)));
  };
  bytes("retain_bytes", 0, into.retain_bytes);
  bytes("segment_bytes", 1 << 16, into.segment_bytes);
  bytes("snapshot_bytes", 1 << 16, into.snapshot_bytes);
  bytes("losses_bytes", 1 << 16, into.losses_bytes);
  bytes("snapshot_bytes_per_second", 1 << 16, into.snapshot_rate);
  into.retain_for = std::chrono::seconds{
      from.integer_or("retain_seconds", 0, 10 * 366 * 86'400, into.retain_for.count())};
  into.snapshots_at_once = static_cast<std::uint64_t>(from.integer_or(
      "snapshots_at_once", 1, 64, static_cast<std::int64_t>(into.snapshots_at_once)));
}

cluster_config read_file(const toml_reader& from, const std::string& file,
                         const config_language& language) {
  std::vector<std::string> known{"cluster", "timing",    "link", "log",
                                 "service", "singleton", "node"};
  known.insert(known.end(), language.tables.begin(), language.tables.end());
  from.allow(known);
  cluster_config config;
  config.file = file;
  read_cluster(from, config);
  if (auto overrides = from.table("timing")) read_timing(*overrides, config.timing);
  if (auto link = from.table("link")) {
    link->allow({"max_inflight"});
    config.link.max_inflight = static_cast<std::uint64_t>(
        link->integer_or("max_inflight", 1 << 20, std::int64_t{1} << 40,
                         static_cast<std::int64_t>(config.link.max_inflight)));
  }
  if (auto log = from.table("log")) read_log(*log, config.log);
  read_services(from, language, config);
  read_nodes(from, language, config);
  read_witnesses(from, config);
  check_priorities(from, config);
  read_service_addresses(from, config);
  read_singletons(from, language, config);
  if (language.read_tables) language.read_tables(from, config);
  return config;
}

}  // namespace

const node_config* cluster_config::find_node(std::string_view node) const {
  auto at = std::find_if(nodes.begin(), nodes.end(),
                         [node](const node_config& n) { return n.name == node; });
  return at == nodes.end() ? nullptr : &*at;
}

const service_config* cluster_config::find_service(std::string_view service) const {
  auto at = std::find_if(services.begin(), services.end(),
                         [service](const service_config& s) { return s.name == service; });
  return at == services.end() ? nullptr : &*at;
}

const singleton_config* cluster_config::find_singleton(std::string_view singleton) const {
  auto at = std::find_if(singletons.begin(), singletons.end(),
                         [singleton](const auto& s) { return s.name == singleton; });
  return at == singletons.end() ? nullptr : &*at;
}

result<cluster_config> parse_config(std::string_view text, const std::string& file,
                                    const config_language& language) {
  return read_toml(text, file,
                   [&](const toml_reader& from) { return read_file(from, file, language); });
}

result<cluster_config> load_config(const std::string& file, const config_language& language) {
  return load_toml(file, [&](const toml_reader& from) { return read_file(from, file, language); });
}

}  // namespace us
