#pragma once
/// What the command line can be told to do. Each returns the process's exit code:
/// 0 it went well; 1 it failed at run time; 2 the command or the configuration is wrong.

#include "actors/app/app.hpp"
#include "runtime/ports/log_sink.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace us {

constexpr int exit_ok = 0;
constexpr int exit_failed = 1;
constexpr int exit_usage = 2;

struct log_choice {
  bool json = false;
  severity least = severity::info;
};

struct run_choice {
  std::string node;  ///< empty: every node of the file
  log_choice log;
  int ready_fd = -1;  ///< a byte is written here once everything listens
};

struct call_choice {
  std::string node;     ///< empty: the first that is reached
  std::string service;  ///< empty: the only one
  std::string type;
  std::string json;
  std::string acknowledge;  ///< empty: as the service is configured
  std::string reads;        ///< as read_policy_of() takes it; empty: linearizable
};

struct status_choice {
  bool json = false;
  bool partitions = false;  ///< a line for each, instead of one for a service on a node
};

struct losses_choice {
  std::vector<std::string> data;  ///< nodes' data directories
  bool json = false;
  bool replay = false;
  bool copies = false;     ///< replay also what other nodes noted of a leader that executed it
  bool uncertain = false;  ///< replay also what may have been executed again
};

struct members_choice {
  std::string action = "list";  ///< list, add, promote, remove
  std::string service;          ///< empty: the only replicated one
  std::string node;
  std::string address;                          ///< add: empty: as the configuration file says
  bool witness = false;                         ///< add: to become one
  std::optional<std::uint32_t> partition = {};  ///< nullopt: all of the service
};

struct lead_choice {
  std::string node;                             ///< that is to lead
  std::string service;                          ///< empty: the only one
  std::optional<std::uint32_t> partition = {};  ///< nullopt: all of the service
};

/// Runs nodes in this process until a signal, or until one of them gives up.
int run_nodes(const app& application, const cluster_config& config, const run_choice& choice);

/// Runs a process per node, restarts those that die, until a signal.
int run_cluster(const cluster_config& config, const log_choice& log);

/// Prints what each node says of itself; exit_failed when a service has no leader.
int show_status(const cluster_config& config, const status_choice& choice);

/// Lists what is in the loss journals of data directories. Nodes may be running meanwhile.
int list_losses(const app& application, const losses_choice& choice);
/// Submits what is lost again to the running cluster; exit_failed unless all of it is done.
int replay_losses(const app& application, const cluster_config& config,
                  const losses_choice& choice);

/// Lists or changes the members of a replicated service; exit_failed unless it is committed.
int change_members(const cluster_config& config, const members_choice& choice);

/// Has another node lead, in order; exit_failed when it does not.
int change_leader(const cluster_config& config, lead_choice choice);

int call_service(const app& application, const cluster_config& config, const call_choice& choice);

}  // namespace us
