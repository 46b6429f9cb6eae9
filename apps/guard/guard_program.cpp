#include "actors/active_passive/seat.hpp"
#include "actors/app/admin_actor.hpp"
#include "apps/guard/guard_node.hpp"
#include "apps/guard/guardian.hpp"
#include "runtime/health/checker.hpp"
#include "runtime/health/member.hpp"
#include "runtime/supervision/supervisor.hpp"

#include <caf/actor_system.hpp>

#include <utility>

namespace guard {

namespace {

using namespace us::active_passive;

/// What the actors of the node are made from.
struct plan {
  config settings;
  std::string name;
  parts made_from;
  std::shared_ptr<us::member_table> members = std::make_shared<us::member_table>();
  caf::actor guardian;  ///< the current one: who depends on it is started after it
};
using plan_ptr = std::shared_ptr<plan>;

group make_group(const us::node_ptr& node, const plan& from) {
  const auto& own = from.settings.nodes.at(from.name);
  group made;
  made.name = group_name;
  made.safety = from.settings.safety;
  made.timing = from.settings.timing;
  made.priority = own.priority;
  made.preempt = from.settings.preempt;
  made.witness = own.witness;
  made.owner = from.made_from.owner;
  made.fence = make_fence(node, from.settings, from.made_from.hooks);
  made.listener = from.guardian;
  made.members = from.members;
  return made;
}

us::supervisor_spec spec_of(const us::node_ptr& node, const plan_ptr& plan) {
  us::supervisor_spec spec;
  spec.name = "node " + node->name;
  spec.strategy = us::strategy::rest_for_one;
  spec.children.push_back({.name = "guardian", .start = [node, plan](caf::actor_system& system) {
                             plan->guardian = spawn_guardian(system, node, plan->settings,
                                                             plan->made_from.hooks);
                             return plan->guardian;
                           }});
  if (!plan->settings.checks.empty())
    spec.children.push_back({.name = "checker", .start = [node, plan](caf::actor_system& system) {
                               return us::spawn_checker(system, node, plan->made_from.prober,
                                                        plan->settings.checks, plan->guardian);
                             }});
  spec.children.push_back({.name = "seat", .start = [node, plan](caf::actor_system& system) {
                             return spawn_seat(system, node, make_group(node, *plan));
                           }});
  spec.children.push_back({.name = "admin", .start = [node, plan](caf::actor_system& system) {
                             return us::spawn_admin(system, node, {us::shown_service{group_name}},
                                                    plan->members);
                           }});
  return spec;
}

}  // namespace

us::node_program make_program(const config& settings, const std::string& name, parts made_from) {
  auto made = std::make_shared<plan>();
  made->settings = settings;
  made->name = name;
  made->made_from = std::move(made_from);
  // A witness checks nothing: it holds no address.
  if (settings.nodes.at(name).witness) made->settings.checks.clear();
  return [made](caf::actor_system& system, const us::node_ptr& node) {
    return us::spawn_supervisor(system, node, spec_of(node, made)).root;
  };
}

}  // namespace guard
