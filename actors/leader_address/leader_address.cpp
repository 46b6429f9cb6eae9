#include "actors/leader_address/leader_address.hpp"

#include "actors/active_passive/seat.hpp"
#include "actors/leader_address/leader_watch.hpp"
#include "runtime/supervision/supervisor.hpp"

#include <caf/actor_system.hpp>

namespace us {

namespace {

active_passive::group group_of(const std::string& service, const address_config& how,
                               const std::shared_ptr<address_owner>& owner) {
  active_passive::group made;
  made.name = leader_address_name(service);
  made.safety = how.lease ? active_passive::safety::lease : active_passive::safety::heartbeat;
  made.timing.heartbeat = how.heartbeat;
  made.timing.missed_max = how.missed_max;
  made.timing.lease = how.lease_length;
  made.timing.drift_ppm = how.drift_ppm;
  made.timing.announce_every = how.announce_every;
  made.chosen_by = "the leader of " + service;
  made.release_first = true;
  made.owner = owner;
  return made;
}

}  // namespace

std::string leader_address_name(const std::string& service) {
  return service + "-address";
}

caf::actor spawn_leader_address(caf::actor_system& system, const node_ptr& node,
                                const std::string& service, const address_config& how,
                                const std::shared_ptr<address_owner>& owner) {
  auto group = std::make_shared<active_passive::group>(group_of(service, how, owner));
  supervisor_spec spec;
  spec.name = group->name;
  spec.strategy = strategy::rest_for_one;
  spec.children = {{.name = "leader watch",
                    .start =
                        [node, group, service](caf::actor_system& with) {
                          group->listener = leader_address::spawn_leader_watch(
                              with, node, service, group->name, group->timing.heartbeat);
                          return group->listener;
                        }},
                   {.name = "seat", .start = [node, group](caf::actor_system& with) {
                      return active_passive::spawn_seat(with, node, *group);
                    }}};
  return spawn_supervisor(system, node, std::move(spec)).root;
}

}  // namespace us
