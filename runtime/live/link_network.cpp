#include "runtime/live/link_network.hpp"

#include <caf/send.hpp>

namespace us {

link_network::link_network(const std::vector<peer>& members, node_id self,
                           const link_config& limits)
    : bytes_max_(limits.max_inflight), frame_max_(limits.max_frame) {
  for (const auto& member : members)
    if (member.id != self)
      outboxes_.emplace(member.id, std::make_unique<outbox>(limits.max_inflight));
}

outbox* link_network::find(node_id node) const {
  auto at = outboxes_.find(node);
  if (at != outboxes_.end()) return at->second.get();
  std::lock_guard lock{mutex_};
  at = learnt_.find(node);
  return at == learnt_.end() ? nullptr : at->second.get();
}

outbox* link_network::add(node_id node) {
  if (auto* there = find(node)) return there;
  std::lock_guard lock{mutex_};
  return learnt_.emplace(node, std::make_unique<outbox>(bytes_max_)).first->second.get();
}

errc link_network::send(node_id to, const frame& f) {
  auto* out = find(to);
  if (out == nullptr) return errc::unreachable;
  // The peer would end the connection over it, and take the other frames with it.
  if (f.size() > frame_max_) return errc::overloaded;
  if (auto refused = out->push(f); refused != errc::none) return refused;
  if (!flush_wanted_.exchange(true)) caf::anon_send(broker_, link_flush{});
  return errc::none;
}

}  // namespace us
