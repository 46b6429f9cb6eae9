#include "actors/app/http.hpp"
#include "actors/app/json.hpp"
#include "apps/guard/commands.hpp"

#include <capnp/message.h>

#include <cstdio>

#include "messages/status.capnp.h"

namespace guard {

namespace {

constexpr std::chrono::milliseconds patience{2500};

us::result<std::string> status_of(const us::node_config& node) {
  if (node.admin.port == 0) return us::failure{us::errc::not_found, "it has no admin address"};
  auto answer = us::http_call(node.admin, {"GET", "/api/v1/status", ""}, patience);
  if (!answer) return answer.error();
  if (answer->status != 200)
    return us::failure{us::errc::unreachable, "it answers " + answer->body};
  return answer->body;
}

/// True when the node says that it is active.
bool print_row(const std::string& name, const us::result<std::string>& body) {
  if (!body) {
    std::printf("%-12s  unreachable  %s\n", name.c_str(), body.error().text.c_str());
    return false;
  }
  capnp::MallocMessageBuilder memory;
  auto status = memory.initRoot<us::message::NodeStatus>();
  if (auto read = us::from_json(*body, status, us::unknown_members::skip); !read) {
    std::printf("%-12s  unreadable   %s\n", name.c_str(), read.error().text.c_str());
    return false;
  }
  bool active = false;
  for (auto group : status.asReader().getServices()) {
    std::printf("%-12s  %-11s  %-6llu  %s\n", name.c_str(), group.getRole().cStr(),
                static_cast<unsigned long long>(group.getEpoch()),
                group.getLeader().size() == 0 ? "none" : group.getLeader().cStr());
    active = active || group.getRole() == "active";
  }
  return active;
}

}  // namespace

int show_status(const config& settings, bool json) {
  bool active = false;
  if (!json) std::printf("%-12s  %-11s  %-6s  %s\n", "NODE", "ROLE", "EPOCH", "ACTIVE");
  std::string objects;
  for (const auto& node : settings.cluster.nodes) {
    const auto body = status_of(node);
    if (json)
      objects += (objects.empty() ? "" : ",") +
                 (body ? *body
                       : "{\"node\":" + us::to_json(node.name) +
                             ",\"error\":" + us::to_json(body.error().text) + "}");
    if (!json) active = print_row(node.name, body) || active;
    if (json && body) active = active || (*body).find("\"role\":\"active\"") != std::string::npos;
  }
  if (json) std::printf("[%s]\n", objects.c_str());
  return active ? exit_ok : exit_failed;
}

// Only the active is asked: its successor, asked in its turn, would hand back.
int hand_over(const config& settings) {
  for (const auto& node : settings.cluster.nodes) {
    const auto body = status_of(node);
    if (body && (*body).find("\"role\":\"active\"") != std::string::npos)
      return ask(settings, node.name, "/api/v1/handover");
  }
  std::fprintf(stderr, "no node says that it is active\n");
  return exit_failed;
}

int ask(const config& settings, const std::string& only, const std::string& path) {
  bool asked = false;
  for (const auto& node : settings.cluster.nodes) {
    if ((!only.empty() && node.name != only) || node.admin.port == 0) continue;
    auto answer = us::http_call(node.admin, {"POST", path, "{}"}, patience);
    if (answer && answer->status == 202) {
      asked = true;
      continue;
    }
    std::fprintf(stderr, "%s: %s\n", node.name.c_str(),
                 answer ? answer->body.c_str() : answer.error().text.c_str());
  }
  return asked ? exit_ok : exit_failed;
}

}  // namespace guard
