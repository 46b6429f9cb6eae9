#include "actors/app/cluster_view.hpp"
#include "actors/app/commands.hpp"
#include "actors/app/json.hpp"
#include "actors/app/node_call.hpp"
#include "actors/app/table.hpp"

#include <capnp/message.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>
#include <string_view>

namespace us {

namespace {

int usage_error(const std::string& text) {
  std::fprintf(stderr, "%s\n", text.c_str());
  return exit_usage;
}

/// The one that is meant; empty: none, or several.
std::string service_of(const cluster_config& config, const members_choice& choice) {
  if (!choice.service.empty()) return choice.service;
  std::string found;
  for (const auto& service : config.services) {
    if (service.replication != replication_pattern::leader_follower) continue;
    if (!found.empty()) return {};
    found = service.name;
  }
  return found;
}

using service_status = message::ServiceStatus::Reader;

/// What any node says of a group that knows its members.
std::optional<service_status> anybody_of(message::ClusterStatus::Reader cluster,
                                         const std::string& service, std::uint32_t partition) {
  for (auto node : cluster.getNodes())
    for (auto seen : groups_of(node))
      if (seen.getName() == service && seen.getPartition() == partition &&
          seen.getMembers().size() > 0)
        return seen;
  return std::nullopt;
}

/// To lead. A witness never does, whatever its file says.
std::string priority_of(message::ServiceStatus::Member::Reader member) {
  const std::string_view kind = member.getKind().cStr();
  return kind.find("witness") != kind.npos ? "-" : std::to_string(member.getPriority());
}

std::vector<std::string> row_of(service_status seen, message::ServiceStatus::Member::Reader member,
                                bool leads) {
  const std::string name = member.getName();
  std::string state = leads ? "?" : "";
  std::string lag = "?";
  if (leads && seen.getLeader() == member.getName()) {
    state = "leads";
    lag = "-";
  }
  for (auto replica : seen.getReplicas()) {
    if (replica.getNode() != member.getName()) continue;
    state = replica.getRecovering() ? "catches up" : "follows";
    if (replica.getSnapshotPercent() > 0)
      state = "is sent a snapshot, " + std::to_string(replica.getSnapshotPercent()) + " %";
    lag = std::to_string(replica.getLagEntries()) + " entries, " +
          std::to_string(replica.getLagMillis()) + " ms";
  }
  return {name, member.getKind(), priority_of(member), state, lag, member.getAddress()};
}

/// Prints the members of one group; false: nobody says that it leads.
bool list_group(message::ClusterStatus::Reader cluster, const std::string& service,
                const partition_id& which) {
  auto seen = leader_of(cluster, service, which.index);
  const bool leads = seen.has_value();
  const auto name = group_name(service, which);
  if (!leads) seen = anybody_of(cluster, service, which.index);
  if (!seen) {
    std::fprintf(stderr, "no node that was reached knows the members of %s\n", name.c_str());
    return false;
  }
  text_table rows{{"MEMBER", "KIND", "PRIORITY", "STATE", "LAG", "ADDRESS"}};
  for (auto member : seen->getMembers()) rows.push_back(row_of(*seen, member, leads));
  if (!which.only()) std::printf("%s\n", name.c_str());
  print(rows);
  if (!seen->getMembersCommitted()) std::puts("a change is under way");
  if (!leads) std::puts("no node says that it leads: this may be out of date");
  if (leads && seen->getRole() != "leader" && seen->getRole() != "active")
    std::printf("%s leads, which the configuration file lacks: it was not asked for the lags\n",
                seen->getLeader().cStr());
  return leads;
}

/// What a member is in all partitions together.
struct member_sum {
  std::map<std::string, std::size_t> kinds;
  std::size_t leads = 0;
  std::uint64_t lag_entries = 0;
  std::uint64_t lag_ms = 0;
  std::string address;
  std::string priority;
};

std::string text_of(const member_sum& member, std::size_t partitions) {
  if (member.kinds.size() == 1 && member.kinds.begin()->second == partitions)
    return member.kinds.begin()->first;
  std::string text;
  for (const auto& [kind, count] : member.kinds)
    text += (text.empty() ? "" : ", ") + kind + " of " + std::to_string(count);
  return text;
}

/// False: some partition has no leader.
bool list_sum(message::ClusterStatus::Reader cluster, const std::string& service,
              std::uint32_t partitions) {
  std::map<std::string, member_sum> members;
  std::size_t led = 0;
  std::size_t not_asked = 0;  // partitions whose leader the configuration file lacks
  for (std::uint32_t i = 0; i < partitions; ++i) {
    const auto seen = leader_of(cluster, service, i);
    if (!seen) continue;
    ++led;
    if (seen->getRole() != "leader") ++not_asked;
    for (auto member : seen->getMembers()) {
      auto& sum = members[member.getName()];
      ++sum.kinds[member.getKind()];
      sum.address = member.getAddress();
      sum.priority = priority_of(member);
      if (seen->getLeader() == member.getName()) ++sum.leads;
      for (auto replica : seen->getReplicas())
        if (replica.getNode() == member.getName()) {
          sum.lag_entries = std::max(sum.lag_entries, replica.getLagEntries());
          sum.lag_ms = std::max(sum.lag_ms, replica.getLagMillis());
        }
    }
  }
  text_table rows{{"MEMBER", "KIND", "PRIORITY", "STATE", "LAG AT MOST", "ADDRESS"}};
  for (const auto& [name, sum] : members)
    rows.push_back(
        {name, text_of(sum, partitions), sum.priority,
         "leads " + std::to_string(sum.leads) + " of " + std::to_string(partitions),
         std::to_string(sum.lag_entries) + " entries, " + std::to_string(sum.lag_ms) + " ms",
         sum.address});
  print(rows);
  if (not_asked > 0)
    std::printf(
        "of %zu partitions the configuration file lacks the leader: lags are without them\n",
        not_asked);
  if (led < partitions)
    std::printf("nobody leads %zu of %u partitions: they are not in this list\n", partitions - led,
                partitions);
  return led == partitions;
}

int list_members(const cluster_config& config, const std::string& service,
                 std::optional<std::uint32_t> partition, std::uint32_t partitions) {
  capnp::MallocMessageBuilder memory;
  auto cluster = memory.initRoot<message::ClusterStatus>();
  gather_status(config, cluster);
  const bool one = partition || partitions == 1;
  const bool led =
      one ? list_group(cluster.asReader(), service, {partition.value_or(0), partitions})
          : list_sum(cluster.asReader(), service, partitions);
  return led ? exit_ok : exit_failed;
}

/// Where the node is, as this file says, unless the command does.
std::string address_of(const cluster_config& config, const members_choice& choice) {
  if (!choice.address.empty() || choice.action != "add") return choice.address;
  const auto* node = config.find_node(choice.node);
  return node == nullptr ? "" : to_string(node->address);
}

}  // namespace

int change_members(const cluster_config& config, const members_choice& choice) {
  const auto service = service_of(config, choice);
  if (service.empty()) return usage_error("name the service: --service NAME");
  const auto* how = config.find_service(service);
  const auto partitions = how == nullptr ? 1 : how->partitions;
  if (choice.partition && *choice.partition >= partitions)
    return usage_error(service + " has the partitions 0 to " + std::to_string(partitions - 1));
  if (choice.action == "list") return list_members(config, service, choice.partition, partitions);
  if (choice.node.empty()) return usage_error("name the node: --node NAME");
  if (choice.witness && choice.action != "add")
    return usage_error("--witness goes with add: promote knows what it was added as");
  const auto nodes = nodes_to_call(config);
  if (nodes.empty()) return usage_error(config.file + ": no node has an admin address");
  auto body = "{\"action\":" + to_json(choice.action) + ",\"node\":" + to_json(choice.node);
  if (const auto address = address_of(config, choice); !address.empty())
    body += ",\"address\":" + to_json(address);
  if (choice.witness) body += ",\"witness\":true";
  http_request request{"POST", "/api/v1/services/" + service + "/members", body + "}"};
  if (choice.partition) request.query.emplace("partition", std::to_string(*choice.partition));
  // It may be asked for as often as one likes: a node that knows no leader is passed over.
  result<http_response> answer = failure{errc::unreachable, ""};
  bool may_be_done = false;
  for (const auto* node : nodes) {
    answer = http_call(node->admin, request, call_timeout(config));
    if (answer && answer->status < 500) break;
    may_be_done =
        may_be_done || (answer ? answer->status == 504 : answer.error().code != errc::unreachable);
  }
  if (!answer) {
    std::fprintf(stderr, "%s%s\n", answer.error().text.c_str(),
                 may_be_done ? "; it may or may not have been done: ask for the same again" : "");
    return exit_failed;
  }
  std::fprintf(answer->status == 200 ? stdout : stderr, "%s\n", answer->body.c_str());
  if (answer->status == 200) return exit_ok;
  return answer->status == 400 || answer->status == 404 ? exit_usage : exit_failed;
}

}  // namespace us
