#include "actors/simulation/cluster_checks.hpp"

#include <algorithm>
#include <utility>

namespace us {

namespace {

/// A node that runs is looked at more often than that: what is longer it was not scheduled.
constexpr duration turn_max = std::chrono::milliseconds{50};

}  // namespace

std::optional<std::string> cluster_checks::look(const std::string& node, std::uint64_t start,
                                                const inspected& replica, duration at) {
  const auto now = replica.view();
  auto& group = group_of(now.service);
  auto& before = replica_at(group, node);
  if (before.start != start || before.opened != now.opened)
    before = {node, start, now.opened, now.epoch, now.commit, at, {}};
  if (now.epoch < before.epoch)
    return "its epoch went back from " + std::to_string(before.epoch.value) + " to " +
           std::to_string(now.epoch.value);
  if (now.commit < before.commit)
    return "its commit went back from " + std::to_string(before.commit.value) + " to " +
           std::to_string(now.commit.value);
  before.epoch = now.epoch;
  if (now.role == "leader")
    if (auto wrong = check_leader(group, node, now)) return wrong;
  if (auto wrong = check_overstay(group, before, now, at)) return wrong;
  return now.commit > before.commit ? check_entries(group, before, replica, now.commit)
                                    : std::nullopt;
}

std::optional<std::string> cluster_checks::check_leader(group_facts& group, const std::string& node,
                                                        const replica_view& now) {
  const auto known = group.leaders.find(now.epoch);
  if (known == group.leaders.end()) {
    if (now.elected_after_loss) forget_lost(group);
    group.leaders.emplace(now.epoch, node);
  }
  if (known == group.leaders.end() || known->second == node) return std::nullopt;
  return "epoch " + std::to_string(now.epoch.value) + " has two leaders, this one and " +
         known->second;
}

std::optional<std::string> cluster_checks::check_overstay(const group_facts& group,
                                                          last_seen& before,
                                                          const replica_view& now,
                                                          duration at) const {
  const auto turn = std::min(at - std::exchange(before.seen, at), turn_max);
  const bool over = now.role == "leader" && now.epoch < group.leaders.rbegin()->first;
  before.overstayed = over ? before.overstayed + turn : duration{0};
  if (before.overstayed <= overstay_max_) return std::nullopt;
  return "it leads epoch " + std::to_string(now.epoch.value) + " still, while " +
         group.leaders.rbegin()->second + " leads epoch " +
         std::to_string(group.leaders.rbegin()->first.value);
}

/// All voted, each after its last start: what was committed then, the leader has.
void cluster_checks::forget_lost(group_facts& group) {
  log_index kept;
  for (const auto& replica : group.replicas) kept = std::max(kept, replica.commit);
  if (group.digests.size() > kept.value) group.digests.resize(kept.value);
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
  const auto* group = find(service);
  if (group == nullptr || group->leaders.empty()) return std::nullopt;
  const auto& [epoch, node] = *group->leaders.rbegin();
  return leadership{epoch, node};
}

log_index cluster_checks::committed(std::string_view service) const {
  const auto* group = find(service);
  return {group == nullptr ? 0 : group->digests.size()};
}

const cluster_checks::group_facts* cluster_checks::find(std::string_view service) const {
  for (const auto& group : groups_)
    if (group.service == service) return &group;
  return nullptr;
}

cluster_checks::group_facts& cluster_checks::group_of(std::string_view service) {
  for (auto& group : groups_)
    if (group.service == service) return group;
  groups_.emplace_back().service = service;
  return groups_.back();
}

cluster_checks::last_seen& cluster_checks::replica_at(group_facts& group, const std::string& node) {
  for (auto& replica : group.replicas)
    if (replica.node == node) return replica;
  group.replicas.emplace_back().node = node;
  return group.replicas.back();
}

}  // namespace us
