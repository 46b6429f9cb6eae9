#pragma once
/// A program made of services and edges: what us::main runs.

#include "actors/singleton/singleton.hpp"
#include "runtime/config/config.hpp"
#include "runtime/node/program.hpp"
#include "runtime/ports/address_owner.hpp"
#include "runtime/service/service.hpp"

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "messages/status.capnp.h"

namespace us {

/// A way in for clients of one protocol, e.g. Redis: an actor per node that listens where
/// the node's configuration key `key` says and is a service_client of the service.
struct edge {
  std::string key;  ///< in [[node]]
  std::string service;
  /// Starts it; `partitions`: of the service. Errors (port in use) are one line for a person.
  std::function<result<caf::actor>(caf::actor_system&, const node_ptr&, const endpoint&,
                                   std::uint32_t partitions)>
      start;
  /// Meant for strangers: its address may be beyond loopback without further words.
  bool open = false;
};

struct app {
  std::string name;
  std::vector<service> services;
  std::vector<edge> edges;
  /// Actors of which one lives in the cluster; set by [singleton.NAME].
  std::vector<singleton> singletons = {};
  /// Tables of the configuration that are the app's own, and what reads them (see config_language).
  std::vector<std::string> config_tables = {};
  std::function<void(const toml_reader&, const cluster_config&)> read_config = {};
  /// Adds what the app knows to a node's status. Called from HTTP threads.
  std::function<void(const node_context&, message::NodeStatus::Builder)> add_status = {};
};

/// What clients can ask of it by name: its services, and its singletons in the same terms.
std::vector<service> described(const app& application);

/// The same and the groups that hold the services' addresses: all that a node tells the status of.
std::vector<service> shown(const app& application, const cluster_config& config);

/// A node's owner of the addresses that follow the leader of a service.
using address_owners =
    std::function<std::shared_ptr<address_owner>(const node_ptr&, const std::string& service)>;

/// The program of a node of this app: heartbeat monitor, a seat per configured service with its
/// addresses, and each singleton's part, under one supervisor. `owners`: needed when a service has
/// addresses.
node_program make_program(const app& application, const cluster_config& config,
                          const address_owners& owners = {});

/// Makes sure that the data directory of a node holds each service in as many partitions as are
/// configured; see claim_partitions().
status check_partitions(const cluster_config& config, disk& data);

/// Runs the command line: run, cluster, status, call. Returns the process's exit code.
int main(int argc, char** argv, app application);
int main(int argc, char** argv, service only);

}  // namespace us
