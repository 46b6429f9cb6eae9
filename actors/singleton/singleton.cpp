#include "actors/singleton/singleton.hpp"

#include "actors/active_passive/seat.hpp"
#include "actors/singleton/host.hpp"
#include "actors/singleton/instance_owner.hpp"
#include "actors/singleton/proxy.hpp"
#include "runtime/supervision/supervisor.hpp"

#include <memory>

namespace us {

namespace {

using namespace singletons;

/// Between the host and the seat that depends on it.
struct parts {
  singleton of;
  singleton_config how;
  std::shared_ptr<instance_owner> owner;  ///< of the present host
};
using parts_ptr = std::shared_ptr<parts>;

active_passive::group group_of(const parts& from) {
  const auto& how = from.how;
  active_passive::group made;
  made.name = from.of.name;
  made.safety = how.lease ? active_passive::safety::lease : active_passive::safety::heartbeat;
  made.timing.heartbeat = how.heartbeat;
  made.timing.missed_max = how.missed_max;
  made.timing.lease = how.lease_length;
  made.timing.drift_ppm = how.drift_ppm;
  made.release_first = true;
  made.owner = from.owner;
  made.on_term = [owner = from.owner](const auto& term) { owner->begin_term(term); };
  made.directory = "singleton-" + from.of.name;
  return made;
}

child_spec host_child(const node_ptr& node, const parts_ptr& all) {
  return {.name = "host", .start = [node, all](caf::actor_system& system) {
            const auto actor = system.spawn<host>(node, all->of, all->how);
            auto* object = static_cast<host*>(caf::actor_cast<caf::abstract_actor*>(actor));
            all->owner = std::make_shared<instance_owner>(object);
            return caf::actor_cast<caf::actor>(actor);
          }};
}

child_spec seat_child(const node_ptr& node, const parts_ptr& all) {
  return {.name = "seat",
          .start =
              [node, all](caf::actor_system& system) {
                return active_passive::spawn_seat(system, node, group_of(*all));
              },
          .drain_timeout = all->how.drain + std::chrono::seconds{2}};
}

/// The seat first hands over, for which it needs the host.
child_spec life_child(const node_ptr& node, const parts_ptr& all) {
  return {.name = "life",
          .start =
              [node, all](caf::actor_system& system) {
                supervisor_spec spec;
                spec.name = "life of " + all->of.name;
                spec.strategy = strategy::rest_for_one;
                spec.children = {host_child(node, all), seat_child(node, all)};
                return spawn_supervisor(system, node, std::move(spec)).root;
              },
          .drain_timeout = all->how.drain + std::chrono::seconds{3}};
}

}  // namespace

caf::actor spawn_singleton(caf::actor_system& system, const node_ptr& node, const singleton& of,
                           const singleton_config& how) {
  auto all = std::make_shared<parts>(parts{of, how, nullptr});
  all->how.name = of.name;
  supervisor_spec spec;
  spec.name = "singleton " + of.name;
  spec.children = {
      {.name = "proxy",
       .start = [node, all](caf::actor_system& with) { return spawn_proxy(with, node, all->how); }},
      life_child(node, all)};
  return spawn_supervisor(system, node, std::move(spec)).root;
}

service singleton::description() const {
  service made{name};
  for (const auto& each : offered) each(made);
  return made;
}

actor_key singleton_key(std::string_view name) {
  return actor_key_of("singleton/" + std::string{name});
}

}  // namespace us
