#pragma once
/// What the command line can be told to do. Each returns the process's exit code:
/// 0 it went well; 1 it failed at run time; 2 the command or the configuration is wrong.

#include "actors/app/app.hpp"
#include "runtime/ports/log_sink.hpp"

#include <string>

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
};

/// Runs nodes in this process until a signal, or until one of them gives up.
int run_nodes(const app& application, const cluster_config& config, const run_choice& choice);

/// Runs a process per node, restarts those that die, until a signal.
int run_cluster(const cluster_config& config, const log_choice& log);

/// Prints what each node says of itself; exit_failed when a service has no leader.
int show_status(const cluster_config& config, bool json);

int call_service(const app& application, const cluster_config& config, const call_choice& choice);

}  // namespace us
