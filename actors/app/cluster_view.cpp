#include "actors/app/cluster_view.hpp"

#include "actors/app/http.hpp"
#include "actors/app/json.hpp"

namespace us {

namespace {

using cluster_status = message::ClusterStatus;

status ask(const node_config& node, cluster_status::Node::Builder into) {
  if (node.admin.port == 0) return failure{errc::not_found, "it has no admin address"};
  auto answer = http_call(node.admin, {"GET", "/api/v1/status", "", {{"partitions", "true"}}},
                          std::chrono::milliseconds{2500});
  if (!answer) return answer.error();
  if (answer->status != 200) return failure{errc::unreachable, "it answers " + answer->body};
  return from_json(answer->body, into.initStatus(), unknown_members::skip);
}

bool was_asked(cluster_status::Reader cluster, capnp::Text::Reader name) {
  for (auto node : cluster.getNodes())
    if (node.getNode() == name) return true;
  return false;
}

/// A replica that answers for the group: that leads it, or follows one that was not asked itself.
bool answers(cluster_status::Reader cluster, message::ServiceStatus::Reader seen) {
  if (seen.getRole() == "leader" || seen.getRole() == "active") return true;
  return seen.getLeader().size() > 0 && !was_asked(cluster, seen.getLeader());
}

}  // namespace

void gather_status(const cluster_config& config, cluster_status::Builder into) {
  into.setCluster(config.name);
  auto nodes = into.initNodes(static_cast<unsigned>(config.nodes.size()));
  for (unsigned i = 0; i < nodes.size(); ++i) {
    nodes[i].setNode(config.nodes[i].name);
    auto asked = ask(config.nodes[i], nodes[i]);
    nodes[i].setReachable(static_cast<bool>(asked));
    if (asked) continue;
    nodes[i].disownStatus();
    nodes[i].setError(asked.error().text);
  }
}

std::vector<message::ServiceStatus::Reader> groups_of(cluster_status::Node::Reader node) {
  std::vector<message::ServiceStatus::Reader> all;
  for (auto service : node.getStatus().getServices()) {
    if (service.getPartitions() <= 1) all.push_back(service);
    for (auto each : service.getEach()) all.push_back(each);
  }
  return all;
}

std::optional<message::ServiceStatus::Reader> leader_of(cluster_status::Reader cluster,
                                                        std::string_view service,
                                                        std::uint32_t partition) {
  std::optional<message::ServiceStatus::Reader> newest;
  for (auto node : cluster.getNodes())
    for (auto seen : groups_of(node))
      if (std::string_view{seen.getName().cStr()} == service && seen.getPartition() == partition &&
          answers(cluster, seen) && (!newest || newest->getEpoch() < seen.getEpoch()))
        newest = seen;
  return newest;
}

bool has_member(cluster_status::Reader cluster, std::string_view service, std::string_view name) {
  for (auto node : cluster.getNodes())
    for (auto seen : groups_of(node))
      if (seen.getName().cStr() == service)
        for (auto member : seen.getMembers())
          if (member.getName().cStr() == name) return true;
  return false;
}

}  // namespace us
