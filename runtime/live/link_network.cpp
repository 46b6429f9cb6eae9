#include "runtime/live/link_network.hpp"

#include <caf/send.hpp>

namespace us {

link_network::link_network(const std::vector<peer>& members, node_id self,
                           const link_config& limits)
    : frame_max_(limits.max_frame) {
  for (const auto& member : members)
    if (member.id != self)
      outboxes_.emplace(member.id, std::make_unique<outbox>(limits.max_inflight));
}

outbox* link_network::find(node_id node) const {
  auto at = outboxes_.find(node);
  return at == outboxes_.end() ? nullptr : at->second.get();
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
