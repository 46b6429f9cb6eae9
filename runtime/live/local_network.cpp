#include "runtime/live/local_network.hpp"

#include "runtime/node/node_actor.hpp"

#include <mutex>

namespace us {

void local_network::join(const node_ptr& node) {
  std::unique_lock lock{mutex_};
  nodes_[node->id] = node;
}

void local_network::leave(node_id node) {
  std::unique_lock lock{mutex_};
  nodes_.erase(node);
}

errc local_network::send(node_id to, const frame& f) {
  node_ptr receiver;
  {
    std::shared_lock lock{mutex_};
    auto at = nodes_.find(to);
    if (at != nodes_.end()) receiver = at->second.lock();
  }
  if (!receiver) return errc::unreachable;
  if (!receiver->directory->deliver(f)) report_dropped(*receiver, f, "no_actor");
  return errc::none;
}

}  // namespace us
