#pragma once
/// The network port between nodes of one process: a frame is handed to the other node's
/// directory as it is. One object serves all nodes of the process. Thread-safe.

#include "runtime/node/context.hpp"
#include "runtime/ports/network.hpp"

#include <shared_mutex>
#include <unordered_map>

namespace us {

class local_network final : public network {
 public:
  void join(const node_ptr& node);
  /// From now on the node is unreachable.
  void leave(node_id node);

  errc send(node_id to, const frame& f) override;

 private:
  std::shared_mutex mutex_;
  std::unordered_map<node_id, std::weak_ptr<const node_context>> nodes_;
};

}  // namespace us
