#include "actors/simulation/trace_recorder.hpp"

#include <cstdio>
#include <utility>

#include "messages/leader_follower.capnp.h"
#include "messages/link.capnp.h"
#include "messages/request.capnp.h"

namespace us {

namespace {

template <class... Bodies>
std::map<std::uint64_t, std::string> names_of(const std::vector<std::string>& names) {
  std::map<std::uint64_t, std::string> all;
  std::size_t i = 0;
  ((all[capnp::typeId<Bodies>()] = names[i++]), ...);
  return all;
}

std::string type_name(std::uint64_t type) {
  using namespace message;
  static const auto names = names_of<VoteRequest, VoteReply, AppendRequest, AppendReply, LeadNow,
                                     SubmitBatch, ReplyBatch, OpenSession, SessionOpened>(
      {"VoteRequest", "VoteReply", "AppendRequest", "AppendReply", "LeadNow", "SubmitBatch",
       "ReplyBatch", "OpenSession", "SessionOpened"});
  const auto at = names.find(type);
  if (at != names.end()) return at->second;
  char text[24];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(type));
  return text;
}

}  // namespace

trace_recorder::trace_recorder(simulated_cluster& cluster, std::size_t frames_max)
    : cluster_(cluster), frames_max_(frames_max) {
  record_.nodes = cluster.nodes();
  record_.faults = cluster.plan().faults;
  cluster.network().watch([this](const sim::frame_seen& seen) { see(seen); });
  cluster.world().check("trace", [this]() -> std::optional<std::string> {
    look();
    return std::nullopt;
  });
}

void trace_recorder::look() {
  for (const auto& name : record_.nodes) {
    auto& node = cluster_.node(name);
    std::string what = "starting";
    std::uint64_t epoch = 0;
    if (!node.running()) what = "down";
    for (const auto* replica : node.replicas()) {
      const auto now = replica->view();
      what = now.role;
      epoch = now.epoch.value;
    }
    if (node.paused()) what = "paused";
    auto& lane = lanes_[name];
    if (lane.what == what && lane.epoch == epoch) continue;
    const auto now = cluster_.now();
    if (!lane.what.empty()) record_.spans.push_back({name, lane.what, lane.epoch, lane.since, now});
    lane = {std::move(what), epoch, now};
  }
}

void trace_recorder::see(const sim::frame_seen& seen) {
  if (seen.type == capnp::typeId<message::Heartbeat>()) return;
  // The members come first; a node that a test adds has no lane.
  if (seen.from >= record_.nodes.size() || seen.to >= record_.nodes.size()) return;
  if (record_.frames.size() >= frames_max_) {
    ++record_.frames_left_out;
    return;
  }
  record_.frames.push_back({record_.nodes[seen.from], record_.nodes[seen.to], type_name(seen.type),
                            seen.sent, seen.arrives, seen.what});
}

trace_record trace_recorder::record(const std::string& failure) const {
  auto all = record_;
  all.length = cluster_.now();
  all.failure = failure;
  for (const auto& [name, lane] : lanes_)
    all.spans.push_back({name, lane.what, lane.epoch, lane.since, all.length});
  for (const auto& entry : cluster_.world().timeline().entries())
    if (entry.level != severity::debug && entry.level != severity::info)
      all.events.push_back(entry);
  return all;
}

}  // namespace us
