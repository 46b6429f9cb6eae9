#include "runtime/node/context.hpp"

#include <algorithm>
#include <cstdio>

namespace us {

std::string node_context::name_of(node_id node) const {
  for (const auto& member : members)
    if (member.id == node) return member.name;
  char text[20];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(node.value));
  return text;
}

bool node_context::is_member(node_id node) const {
  return std::any_of(members.begin(), members.end(), [&](const peer& m) { return m.id == node; });
}

errc node_context::send(node_id to, const frame& f) const {
  if (to != id) return ports.network->send(to, f);
  return directory->deliver(f) ? errc::none : errc::unreachable;
}

}  // namespace us
