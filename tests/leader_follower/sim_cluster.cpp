#include "tests/leader_follower/sim_cluster.hpp"

#include "actors/leader_follower/open_store.hpp"
#include "actors/leader_follower/partition_files.hpp"
#include "actors/leader_follower/role_actor.hpp"
#include "actors/leader_follower/seat.hpp"
#include "actors/leader_follower/standing.hpp"
#include "runtime/health/heartbeat_monitor.hpp"
#include "runtime/simulation/sim_disk.hpp"
#include "runtime/supervision/supervisor.hpp"
#include "tests/leader_follower/append_service.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "tests/leader_follower/test_schema.capnp.h"

namespace us::test {

namespace {

using namespace std::chrono_literals;

using monitor_ptr = std::shared_ptr<caf::actor>;

child_spec seat_child(const node_ptr& node, const monitor_ptr& monitor, const group& of) {
  const auto& partition = of.partition;
  return {.name = partition.only() ? "seat" : "seat " + std::to_string(partition.index),
          .start = [node, monitor, of](caf::actor_system& system) {
            auto watched = of;
            watched.monitor = *monitor;
            return spawn_seat(system, node, std::move(watched));
          }};
}

child_spec seats_child(const node_ptr& node, const monitor_ptr& monitor, const group& common,
                       std::uint32_t partitions) {
  if (partitions == 1) return seat_child(node, monitor, common);
  return {.name = "seats", .start = [node, monitor, common, partitions](caf::actor_system& system) {
            supervisor_spec spec;
            spec.name = "seats";
            for (std::uint32_t i = 0; i < partitions; ++i) {
              auto of = common;
              of.partition = {i, partitions};
              spec.children.push_back(seat_child(node, monitor, of));
            }
            return spawn_supervisor(system, node, std::move(spec)).root;
          }};
}

/// As an app's program, with limits of the test's choice.
node_program program_with(const cluster_options& how, group_limits limits,
                          acknowledge_policy acknowledge) {
  group common{.service = append_service(), .limits = limits, .acknowledge = acknowledge};
  for (const auto& name : witnesses_of(how)) common.witnesses.push_back(node_id_of(name));
  for (const auto& [name, priority] : how.priorities)
    common.priorities.emplace(node_id_of(name), priority);
  return [common, partitions = how.partitions](caf::actor_system& system, const node_ptr& node) {
    auto monitor = std::make_shared<caf::actor>();
    supervisor_spec spec;
    spec.name = "node " + node->name;
    spec.strategy = strategy::rest_for_one;
    spec.children.push_back({.name = "heartbeat monitor", .start = [node, monitor](auto& with) {
                               *monitor = spawn_heartbeat_monitor(with, node, nullptr);
                               return *monitor;
                             }});
    spec.children.push_back(seats_child(node, monitor, common, partitions));
    return spawn_supervisor(system, node, std::move(spec)).root;
  };
}

std::string replica_name(const std::string& node, const partition_id& of) {
  return of.only() ? node : node + " (" + group_name("lists", of) + ")";
}

}  // namespace

sim_cluster::sim_cluster(cluster_options how, group_limits limits, acknowledge_policy acknowledge)
    : work_(std::make_shared<workload>()),
      witnesses_(witnesses_of(how)),
      cluster_(how, program_with(how, limits, acknowledge), "lists",
               divided(append_service(), how.partitions)) {
  work_->service_mode = acknowledge.when;
  work_->partitions = how.partitions;
  work_->now = [this] { return cluster_.now(); };
  work_->chance = &sim().random();
}

void sim_cluster::start_clients() {
  for (const auto& name : sim().nodes()) {
    auto& node = sim().node(name);
    if (!node.running() || clients_at_[name] == node.starts()) continue;
    clients_at_[name] = node.starts();
    const auto number = static_cast<int>(node.starts());
    node.host([this, number](caf::actor_system& system, const node_ptr& context) -> caf::actor {
      return system.spawn<list_client>(context, work_, number);
    });
  }
}

std::uint64_t sim_cluster::leader_epoch() const {
  const auto newest = cluster_.newest_leadership();
  return newest ? newest->epoch.value : 0;
}

bool sim_cluster::wait_for_leader(duration limit) {
  const auto before = leader_epoch();
  return cluster_.advance_until([&] { return leader_epoch() > before; }, limit);
}

void sim_cluster::run() {
  sim().play(cluster_.plan());
  const auto until = sim().now() + cluster_.plan().length;
  while (sim().now() < until) {
    sim().run_for(100ms);
    start_clients();
    if (members_work_->running) start_operators();
  }
  if (members_work_->running) make_all_voters();
  heal_and_expect_life();
}

void sim_cluster::begin_member_changes() {
  if (!wait_for_leader(5s)) sim().fail("no leader before the first change of members");
  cluster_.start_spares();
  members_work_->nodes = sim().nodes();
  members_work_->witnesses = witnesses_;
  members_work_->chance = &sim().random();
  members_work_->running = true;
  start_operators();
}

void sim_cluster::start_operators() {
  for (const auto& name : sim().nodes()) {
    auto& node = sim().node(name);
    if (!node.running() || operators_at_[name] == node.starts()) continue;
    operators_at_[name] = node.starts();
    node.host([this](caf::actor_system& system, const node_ptr& context) -> caf::actor {
      return system.spawn<member_operator>(context, members_work_);
    });
  }
}

std::shared_ptr<disk> sim_cluster::disk_of(const std::string& node) {
  return sim::make_disk_port(std::make_shared<sim::disk_access>(sim().node(node).disk()));
}

std::string sim_cluster::what_replicas_are() {
  std::string text;
  for (const auto& name : sim().nodes())
    for (const auto* replica : sim().node(name).replicas()) {
      const auto now = replica->view();
      auto standing = load_standing(*disk_of(name), "lists/standing");
      text += "\n  " + name + ": " + std::string{now.role} + ", epoch " + to_string(now.epoch) +
              ", log up to " + to_string(now.last) + ", committed " + to_string(now.commit) +
              (standing && standing->counts() ? "" : ", does not count") + ", voters";
      for (const auto voter : now.members.first(now.voters))
        for (const auto& other : sim().nodes())
          if (node_id_of(other) == voter) text += " " + other;
    }
  return text;
}

/// Whatever the storm has left: every node can be made a voter.
void sim_cluster::make_all_voters() {
  sim().heal_everything();
  members_work_->only_more = true;
  // Whom an operator had asked to be removed before, is removed within the longest that it waits.
  const auto settled = sim().now() + 2s;
  const auto until = sim().now() + 30s;
  while (sim().now() < settled || cluster_.voters() < sim().nodes().size()) {
    if (sim().now() > until)
      sim().fail("healed, and yet not every node could be made a voter within 30 s: " +
                 what_replicas_are());
    sim().run_for(50ms);
    start_clients();
    start_operators();
  }
  members_work_->running = false;
}

change_outcome sim_cluster::change(const std::string& at, message::MemberAction action,
                                   const std::string& node, bool witness,
                                   std::chrono::milliseconds timeout) {
  auto ended = std::make_shared<std::optional<change_outcome>>();
  const bool exists = std::ranges::find(sim().nodes(), node) != sim().nodes().end();
  const auto address = exists ? node + ".example:7101" : "";
  sim().node(at).host([&](caf::actor_system& system, const node_ptr& context) -> caf::actor {
    return system.spawn<member_request>(
        context, members_client::change{"lists", {}, action, node, address, witness}, timeout,
        ended);
  });
  (void)sim().run_until([&] { return ended->has_value(); }, timeout + 1s);
  return ended->value_or(change_outcome{change_outcome::kind::unknown, "its node is gone"});
}

void sim_cluster::heal_and_expect_life() {
  sim().heal_everything();
  for (int i = 0; i < 20; ++i) {
    sim().run_for(100ms);
    start_clients();
  }
  const auto answered = work_->history.count(outcome_kind::done);
  const bool lives =
      sim().run_until([&] { return work_->history.count(outcome_kind::done) > answered + 20; }, 5s);
  if (!lives) sim().fail("healed, and yet no request is answered within 5 s");
}

void sim_cluster::finish() {
  work_->stopped = true;
  // Clients on nodes that died took their requests along: those stay open, as unknown.
  sim().run_for(7s);
  if (nothing_may_be_lost()) {
    read_everything();
    if (auto wrong = work_->history.check()) sim().fail(*wrong);
  }
  if (!cluster_.advance_until([this] { return cluster_.replicas_agree(); }, 5s))
    sim().fail("healed and quiet, and yet " + cluster_.disagreement());
  check_ends();
}

bool sim_cluster::all_wait_for_commit() const {
  return work_->service_mode != acknowledgement::async && work_->modes.empty();
}

bool sim_cluster::nothing_may_be_lost() {
  return all_wait_for_commit() && !majority_lost_power();
}

/// What a leader answered alone it loses alone.
bool sim_cluster::more_power_lost_than_bearable() {
  return majority_lost_power() ||
         (!all_wait_for_commit() && sim().probes().of(rare::power_lost) > 0);
}

/// Every list once more, so that what was lost or executed twice shows whenever it happened.
void sim_cluster::read_everything() {
  std::set<std::string> keys;
  for (const auto& o : work_->history.operations()) keys.insert(o.key);
  const auto before = work_->history.count(outcome_kind::done);
  work_->to_read.assign(keys.begin(), keys.end());
  const auto limit = 20s + work_->interval * keys.size();
  const bool all = sim().run_until(
      [&] {
        return work_->to_read.empty() &&
               work_->history.count(outcome_kind::done) == before + keys.size();
      },
      limit);
  if (!all) sim().fail("healed and quiet, and yet some reads are not answered");
}

/// The end of the run: what each replica would start from, by its snapshot and log, is the same;
/// and what its loss journals say is true.
void sim_cluster::check_ends() {
  node_ends ends;
  std::map<std::string, std::vector<noted_loss>> journals;
  for (const auto& node : sim().nodes()) {
    if (std::ranges::find(witnesses_, node) != witnesses_.end()) continue;
    ends.emplace(node, ends_of(node));
    journals.emplace(node, noted_losses(node));
  }
  for (std::uint32_t i = 0; i < work_->partitions; ++i) check_records(i, ends);
  if (watches_cuts_)
    for (const auto& [node, all] : ends) check_cuts(node);
  if (nothing_may_be_lost()) return;
  if (auto wrong =
          reconcile_losses(work_->history, final_, journals, more_power_lost_than_bearable()))
    sim().fail(*wrong);
}

void sim_cluster::check_records(std::uint32_t partition, const node_ends& ends) {
  const auto& [first, all_of_first] = *ends.begin();
  const auto& expected = all_of_first[partition];
  for (const auto& [node, all] : ends)
    if (all[partition].applied == expected.applied && all[partition].lists != expected.lists)
      sim().fail("the records of " + node + " and " + first + " differ");
  for (const auto& [key, list] : expected.lists) {
    if (partition_of(key, work_->partitions) != partition)
      sim().fail(key + " lies in partition " + std::to_string(partition) +
                 ", which is not its own");
    final_.emplace(key, list);
  }
}

std::vector<sim_cluster::replica_end> sim_cluster::ends_of(const std::string& node) {
  auto ports = sim().node(node).context()->ports;
  sim().node(node).kill();
  ports.disk = disk_of(node);
  std::vector<replica_end> ends;
  for (std::uint32_t i = 0; i < work_->partitions; ++i) {
    auto opened = open_store(ports, log_directory("lists", {i, work_->partitions}));
    if (!opened) sim().fail("the store of " + node + " cannot be opened: " + opened.error().text);
    ends.push_back(end_of(**opened));
  }
  return ends;
}

sim_cluster::replica_end sim_cluster::end_of(replica_store& store) {
  store.commit_up_to(store.log->last_index());
  replica_end end{store.applied, {}};
  const auto& state = *store.state;
  for (auto slot = state.next_used(0); slot < state::slots; slot = state.next_used(slot + 1))
    state.each_in_slot(slot, [&](auto key, auto value) {
      capnp::FlatArrayMessageReader reader{as_words(value)};
      auto& list = end.lists[std::string{key}];
      for (auto item : reader.template getRoot<Register>().getItems()) list.push_back(item);
    });
  return end;
}

void sim_cluster::watch_cuts() {
  if (std::exchange(watches_cuts_, true)) return;
  sim().check_replicas([this](sim::node& at, const inspected& replica) {
    if (const auto* role = dynamic_cast<const role_base*>(&replica))
      cuts_.look(replica_name(at.name(), role->group().partition), role->store());
    return std::optional<std::string>{};
  });
}

void sim_cluster::check_cuts(const std::string& node) {
  const auto directories = loss_directories_of(node);
  for (std::uint32_t i = 0; i < work_->partitions; ++i)
    if (auto wrong = cuts_.check(replica_name(node, {i, work_->partitions}), *disk_of(node),
                                 directories.at(i)))
      sim().fail(*wrong);
}

std::vector<std::string> sim_cluster::loss_directories_of(const std::string& node) {
  auto directories = loss_directories(*disk_of(node), "lists");
  if (!directories) sim().fail("the losses of " + node + ": " + directories.error().text);
  return std::move(*directories);
}

std::vector<noted_loss> sim_cluster::noted_losses(const std::string& node) {
  std::vector<noted_loss> all;
  for (const auto& directory : loss_directories_of(node)) {
    auto losses = read_noted_losses(*disk_of(node), directory);
    if (!losses) sim().fail("the losses of " + node + " cannot be read: " + losses.error().text);
    all.insert(all.end(), losses->begin(), losses->end());
  }
  return all;
}

}  // namespace us::test
