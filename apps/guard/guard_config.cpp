#include "apps/guard/guard_config.hpp"

#include "runtime/config/address_config.hpp"
#include "runtime/config/check_reader.hpp"
#include "runtime/config/node_checks.hpp"
#include "runtime/config/toml_file.hpp"

#include <algorithm>

namespace guard {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using us::toml_reader;
using us::active_passive::safety;

constexpr std::int64_t day_ms = 86'400'000;

milliseconds read_ms(const toml_reader& from, const char* key, us::duration otherwise,
                     std::int64_t low = 1) {
  return milliseconds{from.integer_or(key, low, day_ms,
                                      std::chrono::duration_cast<milliseconds>(otherwise).count())};
}

std::vector<std::string> words_of(const toml_reader& from, const char* key) {
  return from.has(key) ? from.texts(key) : std::vector<std::string>{};
}

void read_cluster(const toml_reader& file, us::cluster_config& into) {
  const auto from = file.table("cluster");
  if (!from) file.fail("cluster", "missing; a configuration begins with [cluster]");
  from->allow({"name", "profile", "insecure"});
  into.name = from->text("name");
  us::check_name(from->place("name"), into.name);
  into.profile = from->choice_or("profile", {"local", "lan", "wan"}, into.profile);
  into.timing = *us::timing::profile(into.profile);
  into.insecure = from->boolean_or("insecure", false);
}

/// Of the profile: an active is replaced within 100 ms, 600 ms, 3 s.
us::active_passive::group_timing timing_of(const std::string& profile) {
  us::active_passive::group_timing timing;
  if (profile == "lan") timing.heartbeat = milliseconds{150};
  if (profile == "wan") timing.heartbeat = milliseconds{800};
  return timing;
}

void read_vip(const toml_reader& file, config& into) {
  const auto from = file.table("vip");
  if (!from) file.fail("vip", "missing; add a table [vip] with the addresses");
  from->allow({"addresses", "safety", "heartbeat_ms", "missed", "lease_ms", "drift_ppm", "preempt",
               "preempt_delay_ms", "announce_every_s", "kernel_lifetime_s", "flap_max",
               "flap_window_s"});
  into.addresses = us::read_addresses(*from);
  into.safety = from->choice_or("safety", {"heartbeat", "lease"}, "heartbeat") == "lease"
                    ? safety::lease
                    : safety::heartbeat;
  auto& t = into.timing = timing_of(into.cluster.profile);
  t.heartbeat = read_ms(*from, "heartbeat_ms", t.heartbeat, 5);
  t.missed_max = static_cast<unsigned>(from->integer_or("missed", 2, 100, t.missed_max));
  t.lease = read_ms(*from, "lease_ms", t.heartbeat * 5);
  t.drift_ppm = from->integer_or("drift_ppm", 0, 100'000, t.drift_ppm);
  t.preempt_delay = read_ms(*from, "preempt_delay_ms", t.preempt_delay, 0);
  t.announce_every = seconds{from->integer_or("announce_every_s", 1, 86'400, 60)};
  t.flap_max = static_cast<unsigned>(from->integer_or("flap_max", 0, 1000, t.flap_max));
  t.flap_window = seconds{from->integer_or("flap_window_s", 1, 86'400, 60)};
  into.preempt = from->boolean_or("preempt", false);
  into.kernel_lifetime_s = static_cast<unsigned>(from->integer_or("kernel_lifetime_s", 0, 3600, 2));
  if (t.lease < 3 * t.heartbeat)
    from->fail("lease_ms",
               "must be at least three times heartbeat_ms, so that two renewals may fail");
}

/// [server.NAME]: what must live on a node for it to be active.
void read_servers(const toml_reader& file, config& into) {
  for (const auto& [name, from] : file.tables_of("server")) {
    from.allow({"address", "check"});
    us::check_config otherwise;
    if (from.has("address"))
      otherwise.probe.where = us::read_endpoint(from.place("address"), from.text("address"));
    const auto how = from.table("check");
    const auto check = how ? us::read_check(*how, otherwise) : otherwise;
    if (check.probe.kind != us::probe_kind::command && !from.has("address"))
      from.fail("address", "missing; the check asks there");
    into.checks.push_back({name, check});
  }
}

void read_hooks(const toml_reader& file, hook_settings& into) {
  const auto from = file.table("hook");
  if (!from) return;
  from->allow({"active", "passive", "fault", "fence", "timeout_ms"});
  into.active = words_of(*from, "active");
  into.passive = words_of(*from, "passive");
  into.fault = words_of(*from, "fault");
  into.fence = words_of(*from, "fence");
  into.timeout = read_ms(*from, "timeout_ms", into.timeout);
}

void read_node(const toml_reader& from, us::node_checks& checks, config& into) {
  from.allow(
      {"name", "address", "second_address", "admin", "data", "interface", "priority", "witness"});
  us::node_config node;
  node.name = from.text("name");
  us::check_name(from.place("name"), node.name);
  node.address = us::read_endpoint(from.place("address"), from.text("address"));
  if (from.has("admin")) node.admin = us::read_endpoint(from.place("admin"), from.text("admin"));
  node.data = from.text("data");
  if (node.data.empty()) from.fail("data", "must be a directory, is empty");
  node_settings own;
  own.paths.push_back(node.address);
  if (from.has("second_address")) {
    node.edges["second_address"] =
        us::read_endpoint(from.place("second_address"), from.text("second_address"));
    own.paths.push_back(node.edges["second_address"]);
  }
  checks.add(from, node);
  own.witness = from.boolean_or("witness", false);
  if (own.witness && from.has("interface"))
    from.fail("interface", "a witness holds no address; remove this key or witness = true");
  if (!own.witness) own.interface = from.text("interface");
  own.priority = static_cast<unsigned>(from.integer_or("priority", 1, 254, 100));
  into.nodes[node.name] = own;
  into.cluster.nodes.push_back(std::move(node));
}

void check_nodes(const toml_reader& file, const config& read) {
  if (read.cluster.nodes.empty()) file.fail("node", "missing; add a table [[node]] for each node");
  const auto able = std::count_if(read.nodes.begin(), read.nodes.end(),
                                  [](const auto& node) { return !node.second.witness; });
  if (able == 0) file.fail("node", "every node is a witness; who should be active?");
  if (read.safety == safety::lease && read.cluster.nodes.size() < 3)
    file.fail("vip.safety",
              "\"lease\" needs three nodes, so that a majority is left when one fails; the third "
              "may be a witness");
}

config read_file(const toml_reader& from, const std::string& file) {
  from.allow({"cluster", "vip", "server", "hook", "node"});
  config read;
  read.cluster.file = file;
  read_cluster(from, read.cluster);
  read_vip(from, read);
  read_servers(from, read);
  read_hooks(from, read.hooks);
  us::node_checks checks{read.cluster.insecure, {}};
  for (const auto& node : from.elements_of("node")) read_node(node, checks, read);
  check_nodes(from, read);
  return read;
}

}  // namespace

us::result<config> parse(std::string_view text, const std::string& file) {
  return us::read_toml(text, file, [&](const toml_reader& from) { return read_file(from, file); });
}

us::result<config> load(const std::string& file) {
  return us::load_toml(file, [&](const toml_reader& from) { return read_file(from, file); });
}

}  // namespace guard
