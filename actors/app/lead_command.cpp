#include "actors/app/cluster_view.hpp"
#include "actors/app/commands.hpp"
#include "actors/app/http.hpp"
#include "actors/app/json.hpp"

#include <capnp/message.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

namespace us {

namespace {

using std::chrono::milliseconds;

/// How long the wanted node may take, and how often is looked.
constexpr milliseconds patience{3000};
constexpr milliseconds look_again{20};

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

/// Its epoch is newer than that of the leader which was asked: it was elected since.
int wait_for(const cluster_config& config, const lead_choice& choice, const leadership& before) {
  const auto end = std::chrono::steady_clock::now() + patience;
  leadership now;
  do {
    now = leadership_of(config, choice.service);
    if (now.node == choice.node && now.epoch > before.epoch) {
      std::printf("%s leads %s in epoch %llu, after %s\n", now.node.c_str(), choice.service.c_str(),
                  static_cast<unsigned long long>(now.epoch), before.node.c_str());
      return exit_ok;
    }
    std::this_thread::sleep_for(look_again);
  } while (std::chrono::steady_clock::now() < end);
  return failed(choice.node + " did not take over: " +
                (now.node.empty() ? "nobody leads " : now.node + " leads ") + choice.service);
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
      milliseconds{2500});
  if (!answer) return failed(answer.error().text);
  if (answer->status != 202) return failed(before.node + " answers " + answer->body);
  return wait_for(config, choice, before);
}

}  // namespace us
