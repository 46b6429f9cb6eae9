#include "runtime/simulation/fault_player.hpp"

#include "runtime/simulation/world.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
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

undo ask_to_stop(node& victim, bool upgrade) {
  if (!victim.running()) return {};
  victim.ask_to_stop();
  return [&victim, upgrade] {
    victim.kill();
    if (upgrade) victim.upgrade();
    victim.start();
  };
}

undo replace(world& where, node& victim) {
  if (!victim.running() || !where.may_lose_disk(victim.name())) return {};
  victim.crash();
  victim.disk().erase();
  return [&victim] { victim.start(); };
}

undo begin_on_disk(disk_image& disk, const fault& f) {
  switch (f.kind) {
    case fault_kind::slow_disk: disk.slow(f.amount); return [&disk] { disk.slow(1); };
    case fault_kind::hang_disk: disk.hang(); return [&disk] { disk.unhang(); };
    case fault_kind::full_disk:
      // A capacity of 0 is none.
      disk.capacity(std::max<std::uint64_t>(disk.used() + static_cast<std::uint64_t>(f.amount), 1));
      return [&disk] { disk.capacity(0); };
    case fault_kind::fail_writes:
      disk.fail_writes(f.amount);
      return [&disk] { disk.fail_writes(0); };
    case fault_kind::fail_syncs: disk.fail_syncs(f.amount); return [&disk] { disk.fail_syncs(0); };
    case fault_kind::fail_reads: disk.fail_reads(f.amount); return [&disk] { disk.fail_reads(0); };
    case fault_kind::flip_bits:
      disk.flip_bits_on_read(f.amount);
      return [&disk] { disk.flip_bits_on_read(0); };
    default: return {};
  }
}

undo begin_on(world& where, node& victim, const fault& f) {
  switch (f.kind) {
    case fault_kind::crash: return bring_down(victim, true);
    case fault_kind::kill: return bring_down(victim, false);
    case fault_kind::stop:
    case fault_kind::upgrade: return ask_to_stop(victim, f.kind == fault_kind::upgrade);
    case fault_kind::replace: return replace(where, victim);
    case fault_kind::pause: victim.pause(); return [&victim] { victim.resume(); };
    case fault_kind::clock_jump:
      victim.clock().jump(std::chrono::milliseconds{static_cast<std::int64_t>(f.amount)});
      return {};
    case fault_kind::clock_drift:
      victim.clock().drift(static_cast<std::int64_t>(f.amount));
      return [&victim] { victim.clock().drift(0); };
    default: return begin_on_disk(victim.disk(), f);
  }
}

undo begin_on_nodes(world& where, const fault& f) {
  std::vector<undo> ends;
  for (const auto& name : f.nodes)
    if (auto end = begin_on(where, where.find(name), f)) ends.push_back(std::move(end));
  if (ends.empty()) return {};
  return [ends = std::move(ends)] {
    for (const auto& end : ends) end();
  };
}

std::vector<std::string> names_of(world& where, bool members) {
  std::vector<std::string> names;
  for (const auto& each : where.nodes())
    if (each->member() == members) names.push_back(each->name());
  return names;
}

void cut_outgoing(world& where, const fault& f) {
  const std::set<std::string> senders{f.nodes.begin(), f.nodes.end()};
  for (const auto& from : senders)
    for (const auto& to : where.nodes())
      if (!senders.contains(to->name())) where.network().cut_for(from, to->name(), f.lasts);
}

/// Each hears a majority, and no two the same one (Jepsen's ring). Three nodes: one link is cut, so
/// that the third is a bridge.
void cut_to_ring(fabric& network, const fault& f) {
  const auto count = f.nodes.size();
  const auto reach = (count / 2 + 1) / 2;  // to each side, so that count / 2 others are heard
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = i + 1; j < count; ++j) {
      const auto distance = std::min(j - i, count - (j - i));
      if (count == 3 ? i + j > 1 : distance <= reach) continue;
      network.cut_for(f.nodes[i], f.nodes[j], f.lasts);
      network.cut_for(f.nodes[j], f.nodes[i], f.lasts);
    }
  }
}

/// Cuts and clogs end by themselves.
bool cut_links(world& where, const fault& f) {
  auto& network = where.network();
  switch (f.kind) {
    case fault_kind::partition: network.isolate_for(f.nodes, f.lasts); return true;
    case fault_kind::partition_one_way: cut_outgoing(where, f); return true;
    case fault_kind::partition_ring: cut_to_ring(network, f); return true;
    case fault_kind::cut_clients:
      for (const auto& client : names_of(where, false))
        for (const auto& member : names_of(where, true)) {
          network.cut_for(client, member, f.lasts);
          network.cut_for(member, client, f.lasts);
        }
      return true;
    case fault_kind::cut_one_way: network.cut_for(f.nodes[0], f.nodes[1], f.lasts); return true;
    case fault_kind::clog: network.clog(f.nodes[0], f.nodes[1], f.lasts); return true;
    default: return false;
  }
}

std::optional<fabric::burst_kind> burst_of(fault_kind kind) {
  using burst = fabric::burst_kind;
  switch (kind) {
    case fault_kind::throttle: return burst::throttle;
    case fault_kind::loss: return burst::loss;
    case fault_kind::delay: return burst::delay_ms;
    case fault_kind::delay_tail: return burst::delay_tail_ms;
    case fault_kind::delay_spikes: return burst::delay_spikes_ms;
    case fault_kind::reorder: return burst::reorder;
    case fault_kind::duplicate: return burst::duplicate;
    case fault_kind::corrupt: return burst::corrupt;
    default: return std::nullopt;
  }
}

undo begin(world& where, const fault& f) {
  if (cut_links(where, f)) return {};
  const auto burst = burst_of(f.kind);
  if (!burst) return begin_on_nodes(where, f);
  where.network().burst(*burst, f.amount, f.lasts);
  return {};
}

/// The fault with nodes that there are: who leads is known only now. Nobody twice.
fault aimed(world& where, fault f) {
  std::vector<std::string> nodes;
  for (const auto& name : f.nodes) {
    const auto& real = name == the_leader ? where.leader() : name;
    if (std::find(nodes.begin(), nodes.end(), real) == nodes.end()) nodes.push_back(real);
  }
  f.nodes = std::move(nodes);
  return f;
}

/// A plan that cannot be played fails the run at once, not when its time has come.
void check(world& where, const fault& f) {
  const auto& traits = traits_of(f.kind);
  if (f.nodes.size() < traits.nodes_min) where.fail("fault names too few nodes: " + to_string(f));
  for (const auto& name : f.nodes)
    if (name != the_leader) (void)where.find(name);
}

void schedule(world& where, const fault& f) {
  where.schedule_call(f.at, [&where, f, generation = where.plan_generation] {
    if (generation != where.plan_generation) return;
    const auto now = aimed(where, f);
    where.note("fault: " + to_string(now));
    if (now.nodes.size() < traits_of(f.kind).nodes_min) return;  // a link from the leader to itself
    auto end = begin(where, now);
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
  plan = with_generated(std::move(plan), plan_seed(where), names_of(where, true));
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
