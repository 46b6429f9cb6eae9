#include "runtime/simulation/fault_player.hpp"

#include "runtime/simulation/world.hpp"

#include <string>
#include <utility>
#include <vector>

namespace us::sim {

namespace {

/// What undoes a fault at its end; empty when it ends by itself.
using undo = std::function<void()>;

undo bring_down(node& victim, bool power_loss) {
  if (!victim.running()) return {};
  if (power_loss)
    victim.crash();
  else
    victim.kill();
  return [&victim] { victim.start(); };
}

undo begin_on(node& victim, const fault& f) {
  switch (f.kind) {
    case fault_kind::crash: return bring_down(victim, true);
    case fault_kind::kill: return bring_down(victim, false);
    case fault_kind::pause: victim.pause(); return [&victim] { victim.resume(); };
    case fault_kind::slow_disk:
      victim.disk().slow(f.amount);
      return [&victim] { victim.disk().slow(1); };
    case fault_kind::hang_disk: victim.disk().hang(); return [&victim] { victim.disk().unhang(); };
    case fault_kind::clock_jump:
      victim.clock().jump(std::chrono::milliseconds{static_cast<std::int64_t>(f.amount)});
      return {};
    case fault_kind::clock_drift:
      victim.clock().drift(static_cast<std::int64_t>(f.amount));
      return [&victim] { victim.clock().drift(0); };
    default: return {};
  }
}

undo begin_on_nodes(world& where, const fault& f) {
  std::vector<undo> ends;
  for (const auto& name : f.nodes)
    if (auto end = begin_on(where.find(name), f)) ends.push_back(std::move(end));
  if (ends.empty()) return {};
  return [ends = std::move(ends)] {
    for (const auto& end : ends) end();
  };
}

undo begin(world& where, const fault& f) {
  auto& network = where.network();
  using burst = fabric::burst_kind;
  switch (f.kind) {
    case fault_kind::partition: network.isolate_for(f.nodes, f.lasts); return {};
    case fault_kind::cut_one_way: network.cut_for(f.nodes[0], f.nodes[1], f.lasts); return {};
    case fault_kind::clog: network.clog(f.nodes[0], f.nodes[1], f.lasts); return {};
    case fault_kind::loss: network.burst(burst::loss, f.amount, f.lasts); return {};
    case fault_kind::delay: network.burst(burst::delay_ms, f.amount, f.lasts); return {};
    case fault_kind::reorder: network.burst(burst::reorder, f.amount, f.lasts); return {};
    case fault_kind::duplicate: network.burst(burst::duplicate, f.amount, f.lasts); return {};
    case fault_kind::corrupt: network.burst(burst::corrupt, f.amount, f.lasts); return {};
    default: return begin_on_nodes(where, f);
  }
}

/// A plan that cannot be played fails the run at once, not when its time has come.
void check(world& where, const fault& f) {
  const auto& traits = traits_of(f.kind);
  if (f.nodes.size() < traits.nodes_min) where.fail("fault names too few nodes: " + to_string(f));
  for (const auto& name : f.nodes) (void)where.find(name);
}

void schedule(world& where, const fault& f) {
  where.schedule_call(f.at, [&where, f, generation = where.plan_generation] {
    if (generation != where.plan_generation) return;
    where.note("fault: " + to_string(f));
    auto end = begin(where, f);
    if (!end) return;
    where.schedule_call(f.lasts, [&where, end = std::move(end), generation] {
      if (generation == where.plan_generation) end();
    });
  });
}

/// The time is part of the plan's seed, so that a second phase brings other faults.
std::uint64_t plan_seed(const world& where) {
  return where.seeds().stream("plan/" + std::to_string(where.now().count())).next();
}

}  // namespace

fault_plan play(world& where, fault_plan plan) {
  std::vector<std::string> members;
  for (const auto& each : where.members()) members.push_back(each.name);
  plan = with_generated(std::move(plan), plan_seed(where), members);
  for (const auto& f : plan.faults) check(where, f);
  for (const auto& f : plan.faults) schedule(where, f);
  return plan;
}

void heal_everything(world& where) {
  ++where.plan_generation;
  where.note("heal everything");
  where.network().heal();
  for (auto& each : where.nodes()) {
    each->disk().mend();
    each->clock().heal();
    each->resume();
    each->start();
  }
}

}  // namespace us::sim
