#include "actors/app/admin_actor.hpp"
#include "actors/app/app.hpp"
#include "actors/app/gateway.hpp"
#include "actors/leader_address/leader_address.hpp"
#include "actors/leader_follower/partition_files.hpp"
#include "actors/leader_follower/seat.hpp"
#include "actors/router/router_actor.hpp"
#include "actors/stateless/seat.hpp"
#include "runtime/health/heartbeat_monitor.hpp"
#include "runtime/rocks/rocks_engine.hpp"
#include "runtime/supervision/supervisor.hpp"

#include <caf/actor_system.hpp>

#include <algorithm>
#include <memory>
#include <set>
#include <stdexcept>

namespace us {

namespace {

using std::chrono::seconds;

/// What the actors of one node are made from.
struct plan {
  app application;
  std::map<std::string, endpoint> edges;
  std::vector<service_config> services;      ///< those that are configured
  std::vector<singleton_config> singletons;  ///< likewise
  address_owners owners;
  std::vector<shown_service> shown;  ///< whose seats tell their status

  const service_config* find(const std::string& service) const {
    auto at = std::find_if(services.begin(), services.end(),
                           [&](const service_config& s) { return s.name == service; });
    return at == services.end() ? nullptr : &*at;
  }
  bool stateless(const std::string& service) const {
    const auto* how = find(service);
    return how != nullptr && how->replication == replication_pattern::none;
  }
  std::uint32_t partitions(const std::string& service) const {
    const auto* how = find(service);
    return how == nullptr ? 1 : how->partitions;
  }
  acknowledge_policy acknowledge(const std::string& service) const {
    const auto* how = find(service);
    return how == nullptr ? acknowledge_policy{}
                          : acknowledge_policy{how->acknowledge, how->in_sync_lag, how->read_lease,
                                               how->clock_drift_ppm};
  }
  group_limits limits_of(const std::string& service) const {
    auto its = limits;
    if (const auto* how = find(service)) its.log.sync_interval = how->sync_interval;
    return its;
  }
  std::vector<node_id> witnesses(const std::string& service) const {
    std::vector<node_id> found;
    if (const auto* how = find(service))
      for (const auto& each : how->witnesses) found.push_back(node_id_of(each));
    return found;
  }
  engine_ptr engine(const std::string& service) const {
    const auto* how = find(service);
    return how != nullptr && how->state == state_kind::rocksdb ? rocks : memory_engine();
  }
  rules::priorities priorities;
  group_limits limits;
  engine_ptr rocks;  ///< null: no service asks for it
  std::shared_ptr<member_table> members = std::make_shared<member_table>();
  caf::actor monitor;  ///< the current one: who depends on it is started after it
};
using plan_ptr = std::shared_ptr<plan>;

child_spec seat_child(const node_ptr& node, const plan_ptr& plan, const service& of,
                      const partition_id& partition) {
  return {.name = "seat " + group_name(of.name(), partition),
          .start = [node, plan, of, partition](caf::actor_system& system) {
            if (plan->stateless(of.name())) return spawn_stateless_seat(system, node, of);
            return spawn_seat(system, node,
                              group{.service = of,
                                    .partition = partition,
                                    .monitor = plan->monitor,
                                    .limits = plan->limits_of(of.name()),
                                    .acknowledge = plan->acknowledge(of.name()),
                                    .engine = plan->engine(of.name()),
                                    .witnesses = plan->witnesses(of.name()),
                                    .priorities = plan->priorities});
          }};
}

child_spec address_child(const node_ptr& node, const plan_ptr& plan, const service_config& of) {
  return {.name = leader_address_name(of.name),
          .start = [node, name = of.name, how = *of.addresses,
                    owner = plan->owners(node, of.name)](caf::actor_system& system) {
            return spawn_leader_address(system, node, name, how, owner);
          }};
}

child_spec router_child(const node_ptr& node, const service& of) {
  return {.name = "router " + of.name(), .start = [node, of](caf::actor_system& system) {
            return spawn_router(system, node,
                                {.service = of.name(), .idempotent = idempotent_types(of)});
          }};
}

child_spec gateway_child(const node_ptr& node, const plan_ptr& plan, const service& of) {
  const auto seat = plan->stateless(of.name()) ? router_key(of.name()) : actor_key{};
  return {.name = "gateway " + of.name(),
          .start = [node, name = of.name(), seat,
                    how = divided(of, plan->partitions(of.name()))](caf::actor_system& system) {
            return spawn_gateway(system, node, name, seat, false, how);
          }};
}

child_spec singleton_gateway_child(const node_ptr& node, const singleton& of) {
  return {.name = "gateway " + of.name, .start = [node, name = of.name](caf::actor_system& system) {
            return spawn_gateway(system, node, name, singleton_key(name), true);
          }};
}

child_spec singleton_child(const node_ptr& node, const plan_ptr& plan, const singleton& of) {
  auto how = default_singleton(of.name, node->members.size(), node->timing);
  for (const auto& each : plan->singletons)
    if (each.name == of.name) how = each;
  return {
      .name = "singleton " + of.name,
      .start = [node, of,
                how](caf::actor_system& system) { return spawn_singleton(system, node, of, how); },
      .drain_timeout = how.drain + seconds{4}};
}

child_spec edge_child(const node_ptr& node, const plan_ptr& plan, const edge& of,
                      const endpoint& where) {
  return {.name = "edge " + of.key,
          .start = [node, of, where,
                    partitions = plan->partitions(of.service)](caf::actor_system& system) {
            auto started = of.start(system, node, where, partitions);
            if (!started) throw std::runtime_error{started.error().text};
            return *started;
          }};
}

child_spec admin_child(const node_ptr& node, const plan_ptr& plan) {
  return {.name = "admin", .start = [node, plan](caf::actor_system& system) {
            return spawn_admin(system, node, plan->shown, plan->members);
          }};
}

// Ways in stop before what they lead to: first in, last out.
supervisor_spec serving(const node_ptr& node, const plan_ptr& plan) {
  supervisor_spec spec;
  spec.name = "serving";
  const auto& application = plan->application;
  for (const auto& service : application.services) {
    const auto count = plan->partitions(service.name());
    for (std::uint32_t i = 0; i < count; ++i)
      spec.children.push_back(seat_child(node, plan, service, {i, count}));
  }
  for (const auto& service : plan->services)
    if (service.addresses) spec.children.push_back(address_child(node, plan, service));
  for (const auto& service : application.services)
    if (plan->stateless(service.name())) spec.children.push_back(router_child(node, service));
  for (const auto& service : application.services)
    spec.children.push_back(gateway_child(node, plan, service));
  for (const auto& singleton : application.singletons)
    spec.children.push_back(singleton_child(node, plan, singleton));
  for (const auto& singleton : application.singletons)
    spec.children.push_back(singleton_gateway_child(node, singleton));
  for (const auto& edge : application.edges)
    if (auto at = plan->edges.find(edge.key); at != plan->edges.end())
      spec.children.push_back(edge_child(node, plan, edge, at->second));
  spec.children.push_back(admin_child(node, plan));  // last: once it is listed, the node is up
  return spec;
}

/// Of everything: services, and the longest of the singletons after them.
duration drain_of(const plan& all) {
  duration longest = seconds{8};
  for (const auto& each : all.singletons)
    longest = std::max<duration>(longest, each.drain + seconds{8});
  return longest;
}

supervisor_spec root_of(const node_ptr& node, const plan_ptr& plan) {
  supervisor_spec spec;
  spec.name = "node " + node->name;
  spec.strategy = strategy::rest_for_one;
  // What serves may take all of its own window to give up. With no longer one here, a node whose
  // disk has failed would, on a slow machine, try for ever instead of ending with the reason.
  spec.policy.window = std::chrono::minutes{2};
  spec.children.push_back({.name = "heartbeat monitor",
                           .start =
                               [node, plan](caf::actor_system& system) {
                                 plan->monitor =
                                     spawn_heartbeat_monitor(system, node, plan->members);
                                 return plan->monitor;
                               },
                           .drain_timeout = seconds{1}});
  spec.children.push_back({.name = "serving",
                           .start =
                               [node, plan](caf::actor_system& system) {
                                 return spawn_supervisor(system, node, serving(node, plan)).root;
                               },
                           .drain_timeout = drain_of(*plan)});
  return spec;
}

/// Seats and directories are named after them.
void check_names(const std::vector<service>& all) {
  std::set<std::string> names;
  for (const auto& each : all)
    if (!names.insert(each.name()).second)
      throw std::invalid_argument{"two services or singletons are named " + each.name()};
}

group_limits limits_of(const log_config& log, const link_config& link) {
  group_limits limits;
  limits.frame_bytes = link.max_frame;
  limits.entry_bytes = link.max_frame / 4;
  limits.snapshot_bytes = log.snapshot_bytes;
  limits.snapshot_rate = log.snapshot_rate;
  limits.transfers_max = log.snapshots_at_once;
  limits.retain = {log.retain_bytes, log.retain_for};
  limits.log.segment_bytes = log.segment_bytes;
  limits.losses_bytes = log.losses_bytes;
  return limits;
}

/// One for all services and nodes of the process, which share its cache; null: none asks for it.
engine_ptr rocks_for(const cluster_config& config) {
  const bool any = std::ranges::any_of(config.services, [](const service_config& each) {
    return each.state == state_kind::rocksdb;
  });
  return any ? rocks_engine() : nullptr;
}

rules::priorities priorities_of(const cluster_config& config) {
  rules::priorities given;
  for (const auto& node : config.nodes)
    if (node.priority != rules::priority_usual) given[node_id_of(node.name)] = node.priority;
  return given;
}

}  // namespace

std::vector<service> described(const app& application) {
  auto all = application.services;
  for (const auto& singleton : application.singletons) all.push_back(singleton.description());
  return all;
}

std::vector<service> shown(const app& application, const cluster_config& config) {
  auto all = described(application);
  for (const auto& each : config.services)
    if (each.addresses) all.emplace_back(leader_address_name(each.name));
  return all;
}

status check_partitions(const cluster_config& config, disk& data) {
  for (const auto& service : config.services) {
    if (service.replication != replication_pattern::leader_follower) continue;
    if (auto fits = claim_partitions(data, service.name, service.partitions); !fits)
      return failure{fits.error().code, config.file + ": " + fits.error().text};
  }
  return done{};
}

node_program make_program(const app& application, const cluster_config& config,
                          const address_owners& owners) {
  const auto all = shown(application, config);
  check_names(all);
  if (all.size() > described(application).size() && !owners)
    throw std::invalid_argument{"a service has addresses, and nothing can hold them"};
  std::vector<shown_service> names;
  for (const auto& each : all) {
    const auto* how = config.find_service(each.name());
    names.push_back({each.name(), how == nullptr ? 1 : how->partitions});
    if (names.back().partitions > 1 && each.without_place() != nullptr)
      throw std::invalid_argument{each.name() +
                                  " cannot have partitions: a request of it does not "
                                  "say which one it belongs to"};
  }
  std::map<std::string, std::map<std::string, endpoint>> edges;
  for (const auto& node : config.nodes) edges[node.name] = node.edges;
  return [application, edges, services = config.services, singletons = config.singletons,
          limits = limits_of(config.log, config.link), rocks = rocks_for(config), owners, names,
          priorities = priorities_of(config)](caf::actor_system& system, const node_ptr& node) {
    auto at = edges.find(node->name);
    auto plan = std::make_shared<us::plan>();
    plan->application = application;
    plan->services = services;
    plan->singletons = singletons;
    plan->priorities = priorities;
    plan->limits = limits;
    plan->rocks = rocks;
    plan->owners = owners;
    plan->shown = names;
    if (at != edges.end()) plan->edges = at->second;
    return spawn_supervisor(system, node, root_of(node, plan)).root;
  };
}

}  // namespace us
