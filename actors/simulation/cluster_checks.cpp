#include "actors/simulation/cluster_checks.hpp"

#include <algorithm>

namespace us {

std::optional<std::string> cluster_checks::look(const std::string& node, std::uint64_t start,
                                                const inspected& replica) {
  const auto now = replica.view();
  auto at = groups_.find(now.service);
  if (at == groups_.end()) at = groups_.emplace(now.service, group_facts{}).first;
  auto& group = at->second;
  auto& before = group.replicas[node];
  if (before.start != start || before.opened != now.opened)
    before = {start, now.opened, now.epoch, now.commit};
  if (now.epoch < before.epoch)
    return "its epoch went back from " + std::to_string(before.epoch.value) + " to " +
           std::to_string(now.epoch.value);
  if (now.commit < before.commit)
    return "its commit went back from " + std::to_string(before.commit.value) + " to " +
           std::to_string(now.commit.value);
  before.epoch = now.epoch;
  if (now.role == "leader")
    if (auto wrong = check_leader(group, node, now)) return wrong;
  return now.commit > before.commit ? check_entries(group, before, replica, now.commit)
                                    : std::nullopt;
}

std::optional<std::string> cluster_checks::check_leader(group_facts& group, const std::string& node,
                                                        const replica_view& now) {
  const auto [known, added] = group.leaders.emplace(now.epoch, node);
  if (known->second == node) return std::nullopt;
  return "epoch " + std::to_string(now.epoch.value) + " has two leaders, this one and " +
         known->second;
}

std::optional<std::string> cluster_checks::check_entries(group_facts& group, last_seen& before,
                                                         const inspected& replica,
                                                         log_index commit) {
  if (group.digests.size() < commit.value) group.digests.resize(commit.value, 0);
  while (before.commit < commit) {
    before.commit = before.commit.next();
    const auto digest = replica.entry_digest(before.commit);
    if (!digest) continue;
    auto& known = group.digests[before.commit.value - 1];
    if (known == 0) known = *digest;
    if (known != *digest)
      return "entry " + std::to_string(before.commit.value) +
             " is not what another replica has committed there";
  }
  return std::nullopt;
}

std::optional<leadership> cluster_checks::newest(std::string_view service) const {
  const auto at = groups_.find(service);
  if (at == groups_.end() || at->second.leaders.empty()) return std::nullopt;
  const auto& [epoch, node] = *at->second.leaders.rbegin();
  return leadership{epoch, node};
}

log_index cluster_checks::committed(std::string_view service) const {
  const auto at = groups_.find(service);
  return {at == groups_.end() ? 0 : at->second.digests.size()};
}

}  // namespace us
