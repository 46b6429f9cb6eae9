#pragma once
/// guard's configuration: one TOML file, the same for every node. docs/active-passive.md has all
/// keys.
///
/// Errors: every mistake is one line "file:line: key: what is wrong and what would be right".

#include "actors/active_passive/group.hpp"
#include "runtime/config/config.hpp"
#include "runtime/config/ip_prefix.hpp"
#include "runtime/health/check.hpp"

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace guard {

struct node_settings {
  std::string interface;  ///< holds the addresses; empty: witness
  unsigned priority = 100;
  bool witness = false;
  std::vector<us::endpoint> paths;  ///< heartbeats: `address`, then the second path
};

struct hook_settings {
  std::vector<std::string> active;   ///< became active
  std::vector<std::string> passive;  ///< is no longer, or never was
  std::vector<std::string> fault;    ///< cannot be: stands aside
  std::vector<std::string> fence;    ///< makes sure that the former active is off
  std::chrono::milliseconds timeout{5000};
};

struct config {
  us::cluster_config cluster;
  std::vector<us::ip_prefix> addresses;
  us::active_passive::safety safety = us::active_passive::safety::heartbeat;
  us::active_passive::group_timing timing;
  bool preempt = false;
  unsigned kernel_lifetime_s = 2;
  std::vector<us::check_target> checks;
  hook_settings hooks;
  std::map<std::string, node_settings> nodes;  ///< by name
};

us::result<config> load(const std::string& file);
us::result<config> parse(std::string_view text, const std::string& file);

}  // namespace guard
