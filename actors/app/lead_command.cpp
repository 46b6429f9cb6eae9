#include "actors/app/cluster_view.hpp"
#include "actors/app/commands.hpp"
#include "actors/app/http.hpp"
#include "actors/app/json.hpp"
#include "actors/app/node_call.hpp"

#include <capnp/message.h>

#include <algorithm>
#include <cstdio>
#include <map>

namespace us {

namespace {

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

std::uint32_t partitions_of(const cluster_config& config, const std::string& service) {
  const auto* how = config.find_service(service);
  return how == nullptr ? 1 : how->partitions;
}

/// Who leads what is to be led by the wanted node: by node, how many groups. Or why that is not
/// known.
result<std::map<std::string, std::size_t>> leaders_now(message::ClusterStatus::Reader cluster,
                                                       const cluster_config& config,
                                                       const lead_choice& choice,
                                                       std::uint64_t& epoch) {
  std::map<std::string, std::size_t> leaders;
  const auto count = partitions_of(config, choice.service);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (choice.partition && *choice.partition != i) continue;
    const auto seen = leader_of(cluster, choice.service, i);
    if (!seen)
      return failure{errc::not_found,
                     "no node says that it leads " + group_name(choice.service, {i, count})};
    ++leaders[seen->getLeader()];
    epoch = std::max(epoch, seen->getEpoch());
  }
  return leaders;
}

/// Asks a node to hand over what it leads. What it says; or why it did not.
result<std::string> hand_over(const cluster_config& config, const lead_choice& choice,
                              const std::string& from) {
  const auto* leader = find(config, from);
  if (leader == nullptr)
    return failure{errc::not_found, from + " leads, which " + config.file +
                                        " lacks, so it cannot be asked: use a file that has it"};
  http_request request{"POST", "/api/v1/leaders/" + choice.service,
                       "{\"node\":" + to_json(choice.node) + "}"};
  if (choice.partition) request.query.emplace("partition", std::to_string(*choice.partition));
  auto answer = http_call(leader->admin, request, call_timeout(config));
  if (!answer) return answer.error();
  capnp::MallocMessageBuilder memory;
  auto told = memory.initRoot<message::LeaderAnswer>();
  const bool read{from_json(answer->body, told)};
  const auto text = read ? std::string{told.asReader().getText()} : answer->body;
  if (!read || answer->status != 200)
    return failure{errc::invalid_input, from + " answers: " + text};
  return text;
}

}  // namespace

int change_leader(const cluster_config& config, lead_choice choice) {
  if (choice.service.empty()) {
    if (config.services.size() != 1) return usage_error("name the service: --service NAME");
    choice.service = config.services.front().name;
  }
  const auto count = partitions_of(config, choice.service);
  if (choice.partition && *choice.partition >= count)
    return usage_error(choice.service + " has the partitions 0 to " + std::to_string(count - 1));
  capnp::MallocMessageBuilder memory;
  auto cluster = memory.initRoot<message::ClusterStatus>();
  gather_status(config, cluster);
  const bool in_file = find(config, choice.node) != nullptr;
  if (!in_file && !has_member(cluster.asReader(), choice.service, choice.node))
    return usage_error(config.file + ": there is no node " + choice.node +
                       ", and no node that was reached knows it as a member of " + choice.service);
  std::uint64_t epoch = 0;
  auto leaders = leaders_now(cluster.asReader(), config, choice, epoch);
  if (!leaders) return failed(leaders.error().text);
  // Of several partitions, it is told that those that it leads already stay its own, if it can be.
  if (count == 1 || !in_file) leaders->erase(choice.node);
  if (leaders->empty()) {
    std::printf("%s leads %s already, in epoch %llu\n", choice.node.c_str(), choice.service.c_str(),
                static_cast<unsigned long long>(epoch));
    return exit_ok;
  }
  bool all = true;
  for (const auto& [node, groups] : *leaders) {
    const auto told = hand_over(config, choice, node);
    if (told)
      std::puts((*told).c_str());
    else
      failed(told.error().text);
    all = all && told;
  }
  return all ? exit_ok : exit_failed;
}

}  // namespace us
