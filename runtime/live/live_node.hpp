#pragma once
/// One node of a cluster with live ports: its context, and what has to be ended in order.

#include "runtime/config/config.hpp"
#include "runtime/error.hpp"
#include "runtime/live/live_log_sink.hpp"
#include "runtime/live/live_system.hpp"
#include "runtime/live/local_network.hpp"
#include "runtime/node/context.hpp"

#include <caf/actor.hpp>

#include <memory>
#include <vector>

namespace us {

class dialer;
class live_disk;
class live_executor;

struct live_node_options {
  /// The other nodes are in this process too: frames do not go over sockets. Null: links.
  std::shared_ptr<local_network> local;
  /// Frames go over this network; no links are made. Null: links, unless `local`.
  std::shared_ptr<us::network> network;
  /// Null: one to stderr and stdout, made from `style`.
  std::shared_ptr<log_sink> log;
  log_style style;
};

class live_node {
 public:
  ~live_node();
  live_node(const live_node&) = delete;
  live_node& operator=(const live_node&) = delete;

  const node_ptr& node() const { return node_; }

  /// Closes its connections, finishes the executor's jobs, gives address and data directory
  /// free. Call it (or the destructor) from outside the loop, after the node's root actor has
  /// ended: nothing of the node may use its ports any more.
  void stop();

 private:
  friend result<std::unique_ptr<live_node>> make_live_node(live_system&, const cluster_config&,
                                                           const node_config&, live_node_options);
  explicit live_node(live_system& system);
  status start_links(const cluster_config& cluster, const node_config& own);

  live_system& system_;
  node_ptr node_;
  std::shared_ptr<local_network> local_;
  std::shared_ptr<live_executor> executor_;
  std::shared_ptr<live_disk> disk_;
  caf::actor links_;
  std::vector<std::unique_ptr<dialer>> dialers_;
};

/// Claims the data directory and the address, and starts the links; starts no other actor.
/// Errors are one line for a person: a directory in use, not writable, or of another
/// node; an address in use.
result<std::unique_ptr<live_node>> make_live_node(live_system& system,
                                                  const cluster_config& cluster,
                                                  const node_config& own,
                                                  live_node_options options = {});

}  // namespace us
