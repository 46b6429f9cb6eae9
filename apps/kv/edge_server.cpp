// INFO and CONFIG: about this node's edge. The cluster's state is at the node's HTTP address.
#include "apps/kv/call.hpp"
#include "apps/kv/edge_call.hpp"
#include "apps/kv/glob.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace kv {

namespace {

using settings = std::vector<std::pair<std::string, std::string>>;

struct section {
  std::string_view name;
  settings lines;
};

std::vector<section> info_sections(const edge_facts& facts) {
  const auto uptime = std::max<std::int64_t>(0, (facts.wall_ms() - facts.since_ms) / 1000);
  return {
      {"Server",
       {{"redis_version", "7.0.15"},
        {"redis_mode", "standalone"},
        {"understudy_node", facts.node},
        {"understudy_cluster", facts.cluster},
        {"tcp_port", std::to_string(facts.port)},
        {"uptime_in_seconds", std::to_string(uptime)},
        {"uptime_in_days", std::to_string(uptime / 86'400)}}},
      {"Clients",
       {{"connected_clients", std::to_string(facts.clients)},
        {"maxclients", std::to_string(facts.clients_max)}}},
      {"Persistence", {{"loading", "0"}}},
      {"Stats",
       {{"total_connections_received", std::to_string(facts.connections_total)},
        {"total_commands_processed", std::to_string(facts.commands_total)}}},
      {"Replication", {{"role", "master"}, {"connected_slaves", "0"}}},
      {"Cluster", {{"cluster_enabled", "0"}}},
  };
}

bool wanted(std::span<const std::string_view> names, std::string_view section_name) {
  if (names.empty()) return true;
  std::string upper{section_name};
  for (auto& c : upper)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
    return same_word(name, upper) || same_word(name, "ALL") || same_word(name, "DEFAULT") ||
           same_word(name, "EVERYTHING");
  });
}

// What clients and tools ask for; none can be changed here.
settings config_values(const edge_facts& facts) {
  return {
      {"appendonly", "yes"},
      {"databases", "1"},
      {"maxclients", std::to_string(facts.clients_max)},
      {"maxmemory", "0"},
      {"maxmemory-policy", "noeviction"},
      {"port", std::to_string(facts.port)},
      {"proto-max-bulk-len", std::to_string(limits::command_bytes)},
      {"requirepass", ""},
      {"save", ""},
      {"timeout", "0"},
  };
}

std::string lower(std::string_view word) {
  std::string result{word};
  for (auto& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

void config_get(edge_call& c) {
  settings found;
  for (auto& [name, value] : config_values(c.facts)) {
    const auto at =
        std::find_if(c.arguments.begin() + 2, c.arguments.end(),
                     [&](std::string_view pattern) { return glob_match(lower(pattern), name); });
    if (at == c.arguments.end()) continue;
    // A name that is no pattern is shown as it was asked for.
    const bool pattern = at->find_first_of("*?[") != std::string_view::npos;
    found.emplace_back(pattern ? name : std::string{*at}, value);
  }
  c.writer.map(found.size());
  for (const auto& [name, value] : found) {
    c.writer.bulk(name);
    c.writer.bulk(value);
  }
}

void config_set(edge_call& c) {
  if (c.arguments.size() % 2 != 0) return c.writer.error(text::syntax);
  const std::string name{c.arguments[2].substr(0, c.arguments[2].find('\0'))};
  const auto values = config_values(c.facts);
  const bool known = std::any_of(values.begin(), values.end(),
                                 [&](const auto& each) { return each.first == lower(name); });
  if (!known)
    return c.writer.error("ERR Unknown option or number of arguments for CONFIG SET - '" + name +
                          "'");
  c.writer.error("ERR CONFIG SET failed (possibly related to argument '" + name +
                 "') - can't set immutable config");
}

constexpr std::string_view help_lines[] = {
    "CONFIG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
    "GET <pattern>",
    "    Parameters that match a glob-like pattern, and their values.",
    "SET <directive> <value>",
    "    Refused: the configuration file is the only way.",
    "RESETSTAT",
    "    Accepted.",
    "HELP",
    "    Prints this help.",
};

void config_help(edge_call& c) {
  c.writer.array(std::size(help_lines));
  for (auto line : help_lines) c.writer.simple(line);
}

constexpr subcommand config_commands[] = {
    {"GET", -3, config_get},
    {"SET", -4, config_set},
    {"RESETSTAT", 2, [](edge_call& c) { c.writer.ok(); }},
    {"HELP", 2, config_help},
};

}  // namespace

void edge::info(edge_call& c) {
  std::string text;
  for (const auto& [name, lines] : info_sections(c.facts)) {
    if (!wanted(c.arguments.subspan(1), name)) continue;
    if (!text.empty()) text += "\r\n";
    text.append("# ").append(name).append("\r\n");
    for (const auto& [key, value] : lines)
      text.append(key).append(":").append(value).append("\r\n");
  }
  c.writer.verbatim(text);
}

void edge::config(edge_call& c) {
  run_subcommand(c, "CONFIG", config_commands);
}

}  // namespace kv
