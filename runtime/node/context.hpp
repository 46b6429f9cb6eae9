#pragma once
/// What every actor of a node stands on: its identity, its ports, and where its peers
/// are. One per node and incarnation; shared by all its actors; immutable but for
/// what the parts guard themselves.

#include "messages/ids.hpp"
#include "runtime/metrics.hpp"
#include "runtime/node/directory.hpp"
#include "runtime/node/inspection.hpp"
#include "runtime/node/timing.hpp"
#include "runtime/ports/clock.hpp"
#include "runtime/ports/disk.hpp"
#include "runtime/ports/executor.hpp"
#include "runtime/ports/log_sink.hpp"
#include "runtime/ports/network.hpp"
#include "runtime/ports/random.hpp"

#include <caf/fwd.hpp>

#include <memory>
#include <string>
#include <vector>

namespace us {

struct ports {
  std::shared_ptr<us::clock> clock;
  std::shared_ptr<random_source> random;
  std::shared_ptr<us::disk> disk;
  std::shared_ptr<us::executor> executor;
  std::shared_ptr<us::network> network;
  std::shared_ptr<log_sink> log;
};

struct peer {
  node_id id;
  std::string name;
};

struct node_context {
  std::string cluster;
  std::string name;
  node_id id;
  std::uint64_t incarnation = 0;  ///< new at each start, never 0
  std::vector<peer> members;      ///< every node of the cluster, this one too, sorted by name
  us::timing timing;
  us::ports ports;
  std::shared_ptr<us::metrics> metrics;
  std::shared_ptr<us::directory> directory;
  std::shared_ptr<us::inspection> inspection;  ///< null: nobody looks (live)
  /// Where this node's actors run: the loop thread of the live family, so that a request
  /// crosses no thread between its socket and its role. Null: CAF's scheduler (simulation).
  caf::execution_unit* loop = nullptr;

  /// A member's name, or its number in hexadecimal when it is no member.
  std::string name_of(node_id node) const;
  bool is_member(node_id node) const;

  /// Sends a frame to an actor of any node; this node's get the pointer.
  errc send(node_id to, const frame& f) const;
};

using node_ptr = std::shared_ptr<const node_context>;

}  // namespace us
