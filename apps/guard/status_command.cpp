#include "actors/app/http.hpp"
#include "actors/app/json.hpp"
#include "apps/guard/commands.hpp"

#include <capnp/message.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "messages/status.capnp.h"

namespace guard {

namespace {

constexpr std::chrono::milliseconds patience{2500};
/// How long a hand-over may take before it counts as failed, and how often is asked.
constexpr std::chrono::milliseconds hand_over_max{3000};
constexpr std::chrono::milliseconds ask_again{50};

us::result<std::string> status_of(const us::node_config& node) {
  if (node.admin.port == 0) return us::failure{us::errc::not_found, "it has no admin address"};
  auto answer = us::http_call(node.admin, {"GET", "/api/v1/status", ""}, patience);
  if (!answer) return answer.error();
  if (answer->status != 200)
    return us::failure{us::errc::unreachable, "it answers " + answer->body};
  return answer->body;
}

/// What a group is on the node that says so.
struct group_row {
  std::string role;
  std::uint64_t epoch = 0;
  std::string active;
};

us::result<std::vector<group_row>> groups_in(const std::string& body) {
  capnp::MallocMessageBuilder memory;
  auto status = memory.initRoot<us::message::NodeStatus>();
  if (auto read = us::from_json(body, status, us::unknown_members::skip); !read)
    return read.error();
  std::vector<group_row> rows;
  for (auto group : status.asReader().getServices())
    rows.push_back({group.getRole().cStr(), group.getEpoch(), group.getLeader().cStr()});
  return rows;
}

us::result<std::vector<group_row>> groups_of(const us::node_config& node) {
  const auto body = status_of(node);
  if (!body) return body.error();
  return groups_in(*body);
}

bool has_active(const std::vector<group_row>& rows) {
  return std::ranges::any_of(rows, [](const group_row& row) { return row.role == "active"; });
}

/// True when the node says that it is active.
bool print_rows(const std::string& name, const us::result<std::vector<group_row>>& rows) {
  if (!rows) {
    std::printf("%-12s  unreachable  %s\n", name.c_str(), rows.error().text.c_str());
    return false;
  }
  for (const auto& row : *rows)
    std::printf("%-12s  %-11s  %-6llu  %s\n", name.c_str(), row.role.c_str(),
                static_cast<unsigned long long>(row.epoch),
                row.active.empty() ? "none" : row.active.c_str());
  return has_active(*rows);
}

/// The node that is active now; null when none says so.
const us::node_config* active_node(const config& settings) {
  for (const auto& node : settings.cluster.nodes)
    if (const auto rows = groups_of(node); rows && has_active(*rows)) return &node;
  return nullptr;
}

}  // namespace

int show_status(const config& settings, bool json) {
  bool active = false;
  if (!json) std::printf("%-12s  %-11s  %-6s  %s\n", "NODE", "ROLE", "EPOCH", "ACTIVE");
  std::string objects;
  for (const auto& node : settings.cluster.nodes) {
    const auto body = status_of(node);
    const auto rows = body ? groups_in(*body) : us::result<std::vector<group_row>>{body.error()};
    if (json) {
      objects += (objects.empty() ? "" : ",") +
                 (body ? *body
                       : "{\"node\":" + us::to_json(node.name) +
                             ",\"error\":" + us::to_json(body.error().text) + "}");
      active = active || (rows && has_active(*rows));
    } else {
      active = print_rows(node.name, rows) || active;
    }
  }
  if (json) std::printf("[%s]\n", objects.c_str());
  return active ? exit_ok : exit_failed;
}

// Only the active is asked: its successor, asked in its turn, would hand back.
int hand_over(const config& settings) {
  const auto* before = active_node(settings);
  if (before == nullptr) {
    std::fprintf(stderr, "no node says that it is active\n");
    return exit_failed;
  }
  if (const auto asked = ask(settings, before->name, "/api/v1/handover"); asked != exit_ok)
    return asked;
  const auto end = std::chrono::steady_clock::now() + hand_over_max;
  while (std::chrono::steady_clock::now() < end) {
    if (const auto* now = active_node(settings); now != nullptr && now != before) {
      std::printf("%s took over from %s\n", now->name.c_str(), before->name.c_str());
      return exit_ok;
    }
    std::this_thread::sleep_for(ask_again);
  }
  std::fprintf(stderr, "nobody took over from %s; guard status tells what the others are\n",
               before->name.c_str());
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
