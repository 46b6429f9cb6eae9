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
  auto leader = leader_of(cluster, seen.getName().cStr());
  if (!leader) return "?";
  if (leader->getLeader() == node) return "-";
  for (auto replica : leader->getReplicas())
    if (replica.getNode() == node) {
      const bool waited_for = leader->getAcknowledge() != "all" || replica.getInSync();
      return std::to_string(replica.getLagEntries()) + (waited_for ? "" : ", not in sync");
    }
  return "?";
}

void add_rows(table& rows, cluster_status::Reader cluster, cluster_status::Node::Reader node) {
  if (!node.getReachable()) {
    rows.push_back({node.getNode(), "unreachable", node.getError()});
    return;
  }
  if (node.getStatus().getServices().size() == 0) rows.push_back({node.getNode(), "up", ""});
  for (auto seen : node.getStatus().getServices())
    rows.push_back({node.getNode(), "up", seen.getName(), seen.getRole(),
                    std::to_string(seen.getEpoch()),
                    seen.getLeader().size() == 0 ? "none" : std::string{seen.getLeader()},
                    std::to_string(seen.getCommitIndex()), std::to_string(seen.getAppliedIndex()),
                    std::to_string(seen.getRecords()), lag_of(cluster, seen, node.getNode())});
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

void print_table(cluster_status::Reader cluster) {
  table rows{{"NODE", "STATE", "SERVICE", "ROLE", "EPOCH", "LEADER", "COMMITTED", "APPLIED",
              "RECORDS", "LAG"}};
  for (auto node : cluster.getNodes()) add_rows(rows, cluster, node);
  fmt::print("cluster {}\n", cluster.getCluster().cStr());
  print(rows);
  print_addresses(cluster);
  print_losses(cluster);
  print_backends(cluster);
}

}  // namespace

int show_status(const cluster_config& config, bool json) {
  capnp::MallocMessageBuilder memory;
  auto cluster = memory.initRoot<cluster_status>();
  gather_status(config, cluster);
  if (json)
    fmt::print("{}\n", to_json(cluster.asReader()));
  else
    print_table(cluster.asReader());
  bool any_reached = false;
  for (auto node : cluster.asReader().getNodes()) any_reached = any_reached || node.getReachable();
  if (!any_reached) return exit_failed;
  const auto answered = [&](const auto& each) {
    return leader_of(cluster.asReader(), each.name).has_value();
  };
  return std::ranges::all_of(config.services, answered) &&
                 std::ranges::all_of(config.singletons, answered)
             ? exit_ok
             : exit_failed;
}

}  // namespace us
