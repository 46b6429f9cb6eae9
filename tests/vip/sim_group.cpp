#include "tests/vip/sim_group.hpp"

#include "runtime/supervision/supervisor.hpp"

#include <caf/actor_system.hpp>

namespace us::test {

namespace {

using namespace std::chrono_literals;

node_program program_of(const std::shared_ptr<const sim_group_options>& how, address_board& board) {
  return [how, &board](caf::actor_system& system, const node_ptr& node) {
    supervisor_spec spec;
    spec.name = "node " + node->name;
    spec.children.push_back({.name = "seat", .start = [how, &board, node](caf::actor_system& with) {
                               active_passive::group made;
                               made.name = "vip";
                               made.safety = how->safety;
                               made.timing = how->timing;
                               made.preempt = how->preempt;
                               made.fence = how->fence;
                               made.witness = node->name == how->witness;
                               if (const auto at = how->priorities.find(node->name);
                                   at != how->priorities.end())
                                 made.priority = at->second;
                               if (!made.witness) made.owner = board.make_owner(node);
                               return active_passive::spawn_seat(with, node, std::move(made));
                             }});
    return spawn_supervisor(system, node, std::move(spec)).root;
  };
}

}  // namespace

sim_group::sim_group(sim_group_options how)
    : how_(std::make_shared<const sim_group_options>(std::move(how))),
      sim_({.nodes = how_->nodes, .seed = how_->seed, .start = false, .restart_exited = 200ms},
           program_of(how_, board_)) {
  board_.attach(sim_);
  for (const auto& name : how_->nodes) sim_.node(name).start();
}

std::string sim_group::holder() const {
  const auto found = board_.holders();
  return found.size() == 1 ? found.front() : "";
}

bool sim_group::held_by(const std::string& node, duration limit) {
  return sim_.run_until([&] { return holder() == node; }, limit);
}

bool sim_group::settles(const std::string& node, duration limit) {
  const auto end = sim_.now() + limit;
  auto since = sim_.now();
  auto before = holder();
  while (sim_.now() < end) {
    sim_.run_for(1ms);
    const auto now = holder();
    if (now != before || now.empty() || (!node.empty() && now != node)) since = sim_.now();
    before = now;
    if (sim_.now() - since >= 1s) return true;
  }
  return false;
}

}  // namespace us::test
