#include "actors/active_passive/group_view.hpp"

#include <algorithm>

namespace us::active_passive {

std::string to_string(role r) {
  switch (r) {
    case role::passive: return "passive";
    case role::claimant: return "claimant";
    case role::active: return "active";
    case role::aside: return "aside";
  }
  return "unknown";
}

std::string conditions::problem() const {
  if (witness) return "it is a witness";
  if (maintenance) return "it is in maintenance";
  if (!link_down.empty()) return link_down;
  if (!failing.empty()) return failing;
  return stranger;
}

void former_active::learn(const former_active& other) {
  if (other.node.none() || other.epoch < epoch) return;
  if (other.epoch > epoch || node.none())
    *this = other;
  else if (other.node == node)
    in_order = in_order || other.in_order;
}

node_id group_view::active(time_point now, duration silence) const {
  std::optional<rules::claim> best;
  for (const auto& [node, peer] : peers) {
    if (peer.duty != message::Duty::ACTIVE || peer.gone || !peer.heard ||
        now - *peer.heard >= silence)
      continue;
    const rules::claim claim{peer.epoch, peer.priority, node};
    if (!best || rules::outranks(claim, *best)) best = claim;
  }
  return best ? best->node : node_id{};
}

std::vector<rules::contender> group_view::contenders(time_point now, duration silence) const {
  std::vector<rules::contender> able;
  for (const auto& [node, peer] : peers) {
    const bool could = peer.duty == message::Duty::PASSIVE || peer.duty == message::Duty::CLAIMING;
    if (could && !peer.gone && peer.heard && now - *peer.heard < silence)
      able.push_back({peer.priority, node});
  }
  return able;
}

bool group_view::is_member(const hardware_address& who) const {
  return std::any_of(peers.begin(), peers.end(),
                     [&who](const auto& peer) { return peer.second.hardware == who; });
}

}  // namespace us::active_passive
