#include "actors/app/commands.hpp"
#include "actors/app/http.hpp"

#include <cstdio>

namespace us {

namespace {

using std::chrono::milliseconds;

int usage_error(const std::string& text) {
  std::fprintf(stderr, "%s\n", text.c_str());
  return exit_usage;
}

// Another node is asked only while it is certain that no node got the request.
result<http_response> call_first(const std::vector<const node_config*>& nodes,
                                 const http_request& request, milliseconds timeout) {
  result<http_response> answer = failure{errc::unreachable, "no node has an admin address"};
  for (const auto* node : nodes) {
    answer = http_call(node->admin, request, timeout);
    if (answer || answer.error().code != errc::unreachable) return answer;
  }
  return answer;
}

}  // namespace

int call_service(const app& application, const cluster_config& config, const call_choice& choice) {
  auto service = choice.service;
  if (service.empty()) {
    const auto all = described(application);
    if (all.size() != 1) return usage_error("name the service: call SERVICE TYPE JSON");
    service = all.front().name();
  }
  std::vector<const node_config*> nodes;
  for (const auto& node : config.nodes)
    if (node.admin.port != 0 && (choice.node.empty() || choice.node == node.name))
      nodes.push_back(&node);
  if (nodes.empty())
    return usage_error(choice.node.empty() ? config.file + ": no node has an admin address"
                                           : config.file + ": there is no node " + choice.node +
                                                 " with an admin address");
  http_request request{"POST", "/api/v1/services/" + service + "/" + choice.type, choice.json};
  auto answer = call_first(nodes, request, config.timing.request_timeout + milliseconds{2000});
  if (!answer) {
    std::fprintf(stderr, "%s\n", answer.error().text.c_str());
    return exit_failed;
  }
  std::fprintf(answer->status == 200 ? stdout : stderr, "%s\n", answer->body.c_str());
  if (answer->status == 200) return exit_ok;
  return answer->status == 400 || answer->status == 404 ? exit_usage : exit_failed;
}

}  // namespace us
