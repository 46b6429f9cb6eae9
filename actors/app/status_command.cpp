#include "actors/app/cluster_view.hpp"
#include "actors/app/commands.hpp"
#include "actors/app/json.hpp"
#include "actors/app/table.hpp"

#include <capnp/message.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <set>

namespace us {

namespace {

using cluster_status = message::ClusterStatus;
using table = text_table;

std::string lag_of(cluster_status::Reader cluster, message::ServiceStatus::Reader seen,
                   capnp::Text::Reader node) {
  if (seen.getRole() == "active" || seen.getRole() == "passive") return "-";
  auto leader = leader_of(cluster, seen.getName().cStr(), seen.getPartition());
  if (!leader) return "?";
  if (leader->getLeader() == node) return "-";
  for (auto replica : leader->getReplicas())
    if (replica.getNode() == node) {
      const bool waited_for = leader->getAcknowledge() != "all" || replica.getInSync();
      return std::to_string(replica.getLagEntries()) + (waited_for ? "" : ", not in sync");
    }
  return "?";
}

std::string name_of(message::ServiceStatus::Reader seen) {
  return group_name(seen.getName().cStr(), {seen.getPartition(), seen.getPartitions()});
}

void add_row(table& rows, cluster_status::Reader cluster, cluster_status::Node::Reader node,
             message::ServiceStatus::Reader seen) {
  rows.push_back({node.getNode(), "up", name_of(seen), seen.getRole(),
                  std::to_string(seen.getEpoch()),
                  seen.getLeader().size() == 0 ? "none" : std::string{seen.getLeader()},
                  std::to_string(seen.getCommitIndex()), std::to_string(seen.getAppliedIndex()),
                  std::to_string(seen.getRecords()), lag_of(cluster, seen, node.getNode())});
}

/// A node's replicas of all partitions together. Their lag is the longest.
void add_sum(table& rows, cluster_status::Reader cluster, cluster_status::Node::Reader node,
             message::ServiceStatus::Reader sum) {
  std::uint64_t lag = 0;
  for (auto seen : sum.getEach())
    if (auto leader = leader_of(cluster, sum.getName().cStr(), seen.getPartition()))
      for (auto replica : leader->getReplicas())
        if (replica.getNode() == node.getNode()) lag = std::max(lag, replica.getLagEntries());
  rows.push_back({node.getNode(), "up", sum.getName(),
                  fmt::format("leads {} of {}", sum.getLed(), sum.getPartitions()),
                  std::to_string(sum.getEpoch()), "-", std::to_string(sum.getCommitIndex()),
                  std::to_string(sum.getAppliedIndex()), std::to_string(sum.getRecords()),
                  std::to_string(lag)});
}

void add_rows(table& rows, cluster_status::Reader cluster, cluster_status::Node::Reader node,
              bool partitions) {
  if (!node.getReachable()) {
    rows.push_back({node.getNode(), "unreachable", node.getError()});
    return;
  }
  if (node.getStatus().getServices().size() == 0) rows.push_back({node.getNode(), "up", ""});
  for (auto service : node.getStatus().getServices()) {
    if (service.getPartitions() <= 1)
      add_row(rows, cluster, node, service);
    else if (!partitions)
      add_sum(rows, cluster, node, service);
    else
      for (auto seen : service.getEach()) add_row(rows, cluster, node, seen);
  }
}

void print_leaderless(const cluster_config& config, cluster_status::Reader cluster) {
  constexpr std::size_t shown = 16;
  for (const auto& service : config.services) {
    if (service.partitions <= 1) continue;
    std::string names;
    std::size_t count = 0;
    for (std::uint32_t i = 0; i < service.partitions; ++i)
      if (!leader_of(cluster, service.name, i) && ++count <= shown)
        names += (names.empty() ? "" : ", ") + std::to_string(i);
    if (count > 0)
      fmt::print("{}: nobody leads {} of {} partitions: {}{}\n", service.name, count,
                 service.partitions, names, count > shown ? ", ..." : "");
  }
}

void print_backends(cluster_status::Reader cluster) {
  table rows{{"NODE", "BACKEND", "STATE", "CHECKED", "UP", "DOWN", "WHY"}};
  for (auto node : cluster.getNodes())
    for (auto seen : node.getStatus().getBackends())
      rows.push_back({node.getNode(), seen.getName(), seen.getState(), seen.getOwn(),
                      std::to_string(seen.getVotesUp()), std::to_string(seen.getVotesDown()),
                      seen.getWhy()});
  if (rows.size() == 1) return;
  fmt::print("\n");
  print(rows);
}

void print_losses(cluster_status::Reader cluster) {
  for (auto node : cluster.getNodes())
    for (auto seen : node.getStatus().getServices())
      if (seen.getLosses() + seen.getLossesUnacknowledged() > 0)
        fmt::print(
            "the loss journal of {} for {}: {} acknowledged, {} unacknowledged; list it with "
            "losses --data\n",
            node.getNode().cStr(), seen.getName().cStr(), seen.getLosses(),
            seen.getLossesUnacknowledged());
}

/// Where virtual addresses are, and why they are nowhere.
void print_addresses(cluster_status::Reader cluster) {
  for (auto node : cluster.getNodes())
    for (auto seen : node.getStatus().getServices()) {
      if (seen.getAddresses().size() == 0) continue;
      std::string addresses;
      for (auto each : seen.getAddresses())
        addresses += (addresses.empty() ? "" : ", ") + std::string{each};
      const bool holds = seen.getRole() == "active";
      fmt::print("{}: {} {} {}: {}\n", seen.getName().cStr(), node.getNode().cStr(),
                 holds ? "holds" : "does not hold", addresses, seen.getWhy().cStr());
    }
}

void print_table(const cluster_config& config, cluster_status::Reader cluster, bool partitions) {
  table rows{{"NODE", "STATE", "SERVICE", "ROLE", "EPOCH", "LEADER", "COMMITTED", "APPLIED",
              "RECORDS", "LAG"}};
  for (auto node : cluster.getNodes()) add_rows(rows, cluster, node, partitions);
  fmt::print("cluster {}\n", cluster.getCluster().cStr());
  print(rows);
  print_leaderless(config, cluster);
  print_addresses(cluster);
  print_losses(cluster);
  print_backends(cluster);
}

}  // namespace

int show_status(const cluster_config& config, const status_choice& choice) {
  capnp::MallocMessageBuilder memory;
  auto cluster = memory.initRoot<cluster_status>();
  gather_status(config, cluster);
  if (choice.json)
    fmt::print("{}\n", to_json(cluster.asReader()));
  else
    print_table(config, cluster.asReader(), choice.partitions);
  bool any_reached = false;
  for (auto node : cluster.asReader().getNodes()) any_reached = any_reached || node.getReachable();
  if (!any_reached) return exit_failed;
  const auto answered = [&](const std::string& name, std::uint32_t partition = 0) {
    return leader_of(cluster.asReader(), name, partition).has_value();
  };
  for (const auto& service : config.services)
    for (std::uint32_t i = 0; i < service.partitions; ++i)
      if (!answered(service.name, i)) return exit_failed;
  for (const auto& singleton : config.singletons)
    if (!answered(singleton.name)) return exit_failed;
  return exit_ok;
}

}  // namespace us
