#include "actors/app/commands.hpp"
#include "actors/app/node_call.hpp"

#include <cstdio>

namespace us {

namespace {

int usage_error(const std::string& text) {
  std::fprintf(stderr, "%s\n", text.c_str());
  return exit_usage;
}

}  // namespace

int call_service(const app& application, const cluster_config& config, const call_choice& choice) {
  auto service = choice.service;
  if (service.empty()) {
    const auto all = described(application);
    if (all.size() != 1) return usage_error("name the service: call SERVICE TYPE JSON");
    service = all.front().name();
  }
  const auto nodes = nodes_to_call(config, choice.node);
  if (nodes.empty())
    return usage_error(choice.node.empty() ? config.file + ": no node has an admin address"
                                           : config.file + ": there is no node " + choice.node +
                                                 " with an admin address");
  http_request request{"POST", "/api/v1/services/" + service + "/" + choice.type, choice.json};
  if (!choice.acknowledge.empty()) request.query.emplace("acknowledge", choice.acknowledge);
  if (!choice.reads.empty()) request.query.emplace("reads", choice.reads);
  auto answer = call_first(nodes, request, call_timeout(config));
  if (!answer) {
    std::fprintf(stderr, "%s\n", answer.error().text.c_str());
    return exit_failed;
  }
  std::fprintf(answer->status == 200 ? stdout : stderr, "%s\n", answer->body.c_str());
  if (const auto age = answer->headers.find("Understudy-Age-Ms"); age != answer->headers.end())
    std::fprintf(stderr, "not older than %s ms\n", age->second.c_str());
  if (answer->status == 200) return exit_ok;
  return answer->status == 400 || answer->status == 404 ? exit_usage : exit_failed;
}

}  // namespace us
