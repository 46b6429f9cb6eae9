#include "actors/app/cluster_view.hpp"
#include "actors/app/commands.hpp"
#include "actors/app/http.hpp"
#include "actors/app/json.hpp"
#include "actors/app/node_call.hpp"

#include <capnp/message.h>

#include <algorithm>
#include <cstdio>

namespace us {

namespace {

struct leadership {
  std::string node;  ///< empty: nobody leads
  std::uint64_t epoch = 0;
};

leadership leadership_of(const cluster_config& config, const std::string& service) {
  capnp::MallocMessageBuilder memory;
  auto cluster = memory.initRoot<message::ClusterStatus>();
  gather_status(config, cluster);
  const auto seen = leader_of(cluster.asReader(), service);
  return seen ? leadership{seen->getLeader(), seen->getEpoch()} : leadership{};
}

const node_config* find(const cluster_config& config, const std::string& name) {
  const auto at = std::find_if(config.nodes.begin(), config.nodes.end(),
                               [&](const node_config& node) { return node.name == name; });
  return at == config.nodes.end() ? nullptr : &*at;
}

int failed(const std::string& text) {
  std::fprintf(stderr, "%s\n", text.c_str());
  return exit_failed;
}

int usage_error(const std::string& text) {
  failed(text);
  return exit_usage;
}

}  // namespace

int change_leader(const cluster_config& config, lead_choice choice) {
  if (choice.service.empty()) {
    if (config.services.size() != 1) return usage_error("name the service: --service NAME");
    choice.service = config.services.front().name;
  }
  if (find(config, choice.node) == nullptr)
    return usage_error(config.file + ": there is no node " + choice.node);
  const auto before = leadership_of(config, choice.service);
  if (before.node.empty()) return failed("no node says that it leads " + choice.service);
  if (before.node == choice.node) {
    std::printf("%s leads %s already, in epoch %llu\n", before.node.c_str(), choice.service.c_str(),
                static_cast<unsigned long long>(before.epoch));
    return exit_ok;
  }
  const auto* leader = find(config, before.node);
  if (leader == nullptr) return failed(before.node + " leads, which " + config.file + " lacks");
  auto answer = http_call(
      leader->admin,
      {"POST", "/api/v1/leaders/" + choice.service, "{\"node\":" + to_json(choice.node) + "}"},
      call_timeout(config));
  if (!answer) return failed(answer.error().text);
  capnp::MallocMessageBuilder memory;
  auto told = memory.initRoot<message::LeaderAnswer>();
  const bool read{from_json(answer->body, told)};
  if (!read || answer->status != 200)
    return failed(before.node +
                  " answers: " + (read ? std::string{told.asReader().getText()} : answer->body));
  std::puts(told.getText().cStr());
  return exit_ok;
}

}  // namespace us
