#include "actors/app/node_call.hpp"

namespace us {

std::vector<const node_config*> nodes_to_call(const cluster_config& config,
                                              const std::string& only) {
  std::vector<const node_config*> nodes;
  for (const auto& node : config.nodes)
    if (node.admin.port != 0 && (only.empty() || only == node.name)) nodes.push_back(&node);
  return nodes;
}

result<http_response> call_first(const std::vector<const node_config*>& nodes,
                                 const http_request& request, std::chrono::milliseconds timeout) {
  result<http_response> answer = failure{errc::unreachable, "no node has an admin address"};
  for (const auto* node : nodes) {
    answer = http_call(node->admin, request, timeout);
    if (answer || answer.error().code != errc::unreachable) return answer;
  }
  return answer;
}

std::chrono::milliseconds call_timeout(const cluster_config& config) {
  return config.timing.request_timeout + std::chrono::milliseconds{2000};
}

}  // namespace us
