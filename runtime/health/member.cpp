#include "runtime/health/member.hpp"

#include <algorithm>

namespace us {

std::string to_string(member_state state) {
  switch (state) {
    case member_state::unknown: return "unknown";
    case member_state::alive: return "alive";
    case member_state::suspected: return "suspected";
  }
  return "unknown";
}

actor_key monitor_key() {
  return actor_key_of("monitor");
}

std::vector<member_info> member_table::snapshot() const {
  std::lock_guard lock{mutex_};
  return members_;
}

void member_table::put(const member_info& info) {
  std::lock_guard lock{mutex_};
  auto same = [&](const member_info& m) { return m.node == info.node; };
  auto at = std::find_if(members_.begin(), members_.end(), same);
  if (at == members_.end())
    members_.push_back(info);
  else
    *at = info;
}

void member_table::heard(node_id node, time_point when) {
  std::lock_guard lock{mutex_};
  for (auto& member : members_)
    if (member.node == node) member.last_heard = when;
}

std::string to_string(const member_changed& change) {
  return "member_changed(" + to_string(change.node) + ", " + to_string(change.state) + ", " +
         change.why + ")";
}

std::string to_string(const watch_members&) {
  return "watch_members";
}

std::string to_string(const link_down& down) {
  return "link_down(" + to_string(down.node) + (down.refused ? ", refused)" : ")");
}

std::string to_string(const link_up& up) {
  return "link_up(" + to_string(up.node) + ")";
}

}  // namespace us
