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

fault_plan simulation::play(fault_plan plan) {
  return sim::play(*world_, std::move(plan));
}

void simulation::aim(std::function<std::string()> leader) {
  world_->aim(std::move(leader));
}

void simulation::guard_disks(std::function<bool(const std::string&)> guard) {
  world_->guard_disks(std::move(guard));
}

fault_plan simulation::unleash(intensity how, duration length) {
  return unleash({.how = how, .length = length});
}

fault_plan simulation::unleash(const plan_recipe& recipe) {
  auto plan = play({{}, recipe.length, recipe});
  run_for(recipe.length);
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
