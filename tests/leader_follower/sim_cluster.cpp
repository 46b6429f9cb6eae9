#include "tests/leader_follower/sim_cluster.hpp"

#include "actors/leader_follower/open_store.hpp"
#include "actors/leader_follower/seat.hpp"
#include "runtime/health/heartbeat_monitor.hpp"
#include "runtime/log/change_log.hpp"
#include "runtime/simulation/sim_disk.hpp"
#include "runtime/supervision/supervisor.hpp"
#include "tests/leader_follower/append_service.hpp"

#include <algorithm>
#include <set>

namespace us::test {

namespace {

using namespace std::chrono_literals;

/// As an app's program, with limits of the test's choice.
node_program program_with(group_limits limits) {
  return [limits](caf::actor_system& system, const node_ptr& node) {
    auto monitor = std::make_shared<caf::actor>();
    supervisor_spec spec;
    spec.name = "node " + node->name;
    spec.strategy = strategy::rest_for_one;
    spec.children.push_back({.name = "heartbeat monitor", .start = [node, monitor](auto& with) {
                               *monitor = spawn_heartbeat_monitor(with, node, nullptr);
                               return *monitor;
                             }});
    spec.children.push_back({.name = "seat", .start = [node, monitor, limits](auto& with) {
                               return spawn_seat(with, node, append_service(), *monitor, limits);
                             }});
    return spawn_supervisor(system, node, std::move(spec)).root;
  };
}

}  // namespace

sim_cluster::sim_cluster(std::vector<std::string> nodes, std::uint64_t seed, group_limits limits)
    : work_(std::make_shared<workload>()),
      sim_({.nodes = nodes, .seed = seed, .restart_exited = 200ms}, program_with(limits)) {
  work_->now = [this] { return sim_.now(); };
  work_->chance = &sim_.random();
}

void sim_cluster::start_clients() {
  for (const auto& name : sim_.nodes()) {
    auto& node = sim_.node(name);
    if (!node.running() || clients_at_[name] == node.starts()) continue;
    clients_at_[name] = node.starts();
    const auto number = static_cast<int>(node.starts());
    node.host([this, number](caf::actor_system& system, const node_ptr& context) -> caf::actor {
      return system.spawn<list_client>(context, work_, number);
    });
  }
}

// Reads what was logged since the last call: "b is leader, epoch 2: ...".
void sim_cluster::check_leaders() {
  for (const auto& entry : sim_.timeline().entries()) {
    if (entry.level != severity::event) continue;
    const auto at = entry.what.find(" is leader, epoch ");
    if (at == std::string::npos) continue;
    const auto epoch = std::stoull(entry.what.substr(at + 18));
    const auto name = entry.what.substr(0, at);
    auto [known, added] = leaders_.emplace(epoch, name);
    if (!added && known->second != name)
      sim_.fail("epoch " + std::to_string(epoch) + " has two leaders: " + known->second + " and " +
                name);
  }
}

std::string sim_cluster::leader() const {
  return leaders_.empty() ? "" : leaders_.rbegin()->second;
}

std::uint64_t sim_cluster::leader_epoch() const {
  return leaders_.empty() ? 0 : leaders_.rbegin()->first;
}

bool sim_cluster::wait_for_leader(duration limit) {
  const auto before = leader_epoch();
  const auto until = sim_.now() + limit;
  while (sim_.now() < until) {
    sim_.run_for(5ms);
    check_leaders();
    if (leader_epoch() > before) return true;
  }
  return false;
}

void sim_cluster::run(intensity how, duration length) {
  const auto plan = make_fault_plan(sim_.seed(), sim_.nodes(), how, length);
  sim_.play(plan);
  const auto until = sim_.now() + length;
  while (sim_.now() < until) {
    sim_.run_for(100ms);
    start_clients();
    check_leaders();
  }
  heal_and_expect_life();
}

void sim_cluster::heal_and_expect_life() {
  sim_.heal_everything();
  for (int i = 0; i < 20; ++i) {
    sim_.run_for(100ms);
    start_clients();
  }
  const auto answered = work_->history.count(outcome_kind::done);
  const bool lives =
      sim_.run_until([&] { return work_->history.count(outcome_kind::done) > answered + 20; }, 5s);
  if (!lives) sim_.fail("healed, and yet no request is answered within 5 s");
}

void sim_cluster::finish() {
  work_->stopped = true;
  // Clients on nodes that died took their requests along: those stay open, as unknown.
  sim_.run_for(7s);
  check_leaders();
  read_everything();
  if (auto wrong = work_->history.check()) sim_.fail(*wrong);
  check_logs();
  check_states();
}

/// Every list once more, so that what was lost or executed twice shows whenever it happened.
void sim_cluster::read_everything() {
  std::set<std::string> keys;
  for (const auto& o : work_->history.operations()) keys.insert(o.key);
  const auto before = work_->history.count(outcome_kind::done);
  work_->to_read.assign(keys.begin(), keys.end());
  const bool all = sim_.run_until(
      [&] {
        return work_->to_read.empty() &&
               work_->history.count(outcome_kind::done) == before + keys.size();
      },
      20s);
  if (!all) sim_.fail("healed and quiet, and yet some reads are not answered within 20 s");
}

std::map<std::uint64_t, std::string> sim_cluster::log_of(const std::string& node) {
  std::map<std::uint64_t, std::string> entries;
  auto context = sim_.node(node).context();
  if (!context) sim_.fail(node + " is not running after everything was healed");
  auto& disk = *context->ports.disk;
  auto opened = replay(disk, "lists/log", from_the_beginning, to_the_end,
                       [&](const log_entry& e) { entries[e.index.value] = *e.bytes; });
  if (!opened) sim_.fail("the log of " + node + " cannot be read: " + opened.error().text);
  return entries;
}

/// Entries that two nodes have are the same, and all logs end at the same place.
void sim_cluster::check_logs() {
  const auto& one = sim_.nodes().front();
  const auto first = log_of(one);
  for (const auto& node : sim_.nodes()) {
    const auto other = log_of(node);
    const auto end = [](const auto& log) { return log.empty() ? 0 : log.rbegin()->first; };
    if (!first.empty() && !other.empty() && end(other) != end(first))
      sim_.fail("the log of " + node + " ends at entry " + std::to_string(end(other)) +
                ", that of " + one + " at " + std::to_string(end(first)));
    for (const auto& [index, bytes] : other)
      if (auto same = first.find(index); same != first.end() && same->second != bytes)
        sim_.fail("entry " + std::to_string(index) + " differs between " + node + " and " + one);
  }
}

/// The end of the run: what each replica would start from, by its snapshot and log, is the same.
void sim_cluster::check_states() {
  std::map<std::string, std::string> expected;
  log_index at;
  for (const auto& node : sim_.nodes()) {
    auto context = sim_.node(node).context();
    auto ports = context->ports;
    sim_.node(node).kill();
    ports.disk = sim::make_disk_port(std::make_shared<sim::disk_access>(sim_.node(node).disk()));
    auto opened = open_store(ports, "lists/log");
    if (!opened) sim_.fail("the store of " + node + " cannot be opened: " + opened.error().text);
    auto& store = **opened;
    store.commit_up_to(store.log->last_index());
    std::map<std::string, std::string> records;
    for (std::uint32_t slot = 0; slot < state::slots; ++slot)
      store.state->each_in_slot(slot, [&](auto key, auto value) { records.emplace(key, value); });
    if (node == sim_.nodes().front()) {
      expected = std::move(records);
      at = store.applied;
    } else if (store.applied == at && records != expected) {
      sim_.fail("the records of " + node + " and " + sim_.nodes().front() + " differ");
    }
  }
}

}  // namespace us::test
