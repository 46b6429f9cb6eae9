#include "runtime/simulation/simulation.hpp"

#include "runtime/simulation/fault_player.hpp"
#include "runtime/simulation/world.hpp"

#include <utility>

namespace us {

simulation::simulation(simulation_options how, node_program program) {
  const auto names = how.nodes;
  const auto start = how.start;
  world_ = std::make_unique<sim::world>(std::move(how));
  for (const auto& name : names) world_->add(name, program, true);
  if (!start) return;
  for (auto& each : world_->nodes()) each->start();
}

simulation::~simulation() = default;

duration simulation::now() const {
  return world_->now();
}

void simulation::run_for(duration length) {
  world_->run_to(world_->now() + length);
}

bool simulation::run_until(const std::function<bool()>& done, duration limit) {
  return world_->run_until(done, limit);
}

void simulation::after(duration delay, std::function<void()> f) {
  world_->schedule_call(delay, std::move(f));
}

sim::node& simulation::node(std::string_view name) {
  return world_->find(name);
}

const std::vector<std::string>& simulation::nodes() const {
  return world_->names();
}

sim::fabric& simulation::network() {
  return world_->network();
}

sim::node& simulation::add_node(const std::string& name, node_program program, bool member) {
  return world_->add(name, std::move(program), member);
}

sim::random_stream& simulation::random() {
  return world_->workload();
}

void simulation::play(const fault_plan& plan) {
  sim::play(*world_, plan);
}

fault_plan simulation::unleash(intensity how, duration length) {
  std::vector<std::string> members;
  for (const auto& each : world_->members()) members.push_back(each.name);
  // The time is part of the plan's seed, so that a second phase brings other faults.
  const auto seed = world_->seeds().stream("plan/" + std::to_string(world_->now().count())).next();
  auto plan = make_fault_plan(seed, members, how, length);
  play(plan);
  run_for(length);
  heal_everything();
  return plan;
}

void simulation::heal_everything() {
  sim::heal_everything(*world_);
}

void simulation::check(std::string name, std::function<std::optional<std::string>()> f) {
  world_->add_check(std::move(name), std::move(f));
}

void simulation::check_replicas(replica_check f) {
  world_->check_replicas(std::move(f));
}

std::uint64_t simulation::trace_hash() const {
  return world_->hash();
}

const probe_counts& simulation::probes() const {
  return world_->probes();
}

std::uint64_t simulation::event_count() const {
  return world_->events();
}

std::uint64_t simulation::seed() const {
  return world_->options().seed;
}

const sim::timeline& simulation::timeline() const {
  return world_->log();
}

void simulation::fail(const std::string& what) const {
  world_->fail(what);
}

}  // namespace us
