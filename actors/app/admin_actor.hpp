#pragma once
/// Gathers what a node knows of itself, for its HTTP threads.
///
/// An actor per node, listed under admin_key(). Receives collect_view from any thread and fulfils
/// its promise; sends StatusRequest to the node's seats and takes their ServiceStatus. Questions
/// that come while one is being answered share the answer. Takes ask_leader, sends TransferRequest
/// and WatchLeader and takes TransferAnswer and LeaderChanged. Receives change_members, and has a
/// members_client ask for it. Time: a seat that does not answer within half a second is left out.

#include "actors/client/members_client.hpp"
#include "runtime/health/member.hpp"
#include "runtime/node/node_actor.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

#include <future>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace us {

/// A service whose seats tell their status.
struct shown_service {
  std::string name;
  std::uint32_t partitions = 1;
};

/// message::ServiceStatus of a service's seats that answered, by partition.
using service_view = std::map<std::uint32_t, frame>;

/// A node at one moment.
struct node_view {
  std::vector<member_info> members;              ///< the others
  std::map<std::string, service_view> services;  ///< of which a seat answered
  time_point now{};
  duration uptime{};
};

struct collect_view {
  std::shared_ptr<std::promise<node_view>> into;
};
inline std::string to_string(const collect_view&) {
  return "collect_view";
}

struct change_members {
  members_client::change what;
  std::chrono::milliseconds timeout{0};
  std::shared_ptr<std::promise<change_outcome>> into;
};
inline std::string to_string(const change_members&) {
  return "change_members";
}

/// Asks this node's leader of a group to let another node lead. Done: that does, as this one has
/// heard; refused: it was certainly not begun; unknown: it may yet.
struct ask_leader {
  std::string service;
  partition_id partition;
  peer to;  ///< one that the configuration may not have: it was added to the group
  std::chrono::milliseconds timeout{0};
  std::shared_ptr<std::promise<change_outcome>> into;
};
inline std::string to_string(const ask_leader&) {
  return "ask_leader";
}

actor_key admin_key();

caf::actor spawn_admin(caf::actor_system& system, node_ptr node,
                       std::vector<shown_service> services,
                       std::shared_ptr<const member_table> members);

}  // namespace us

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(us::collect_view)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(us::change_members)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(us::ask_leader)
