#include "actors/simulation/simulated_cluster.hpp"

#include "actors/leader_follower/open_store.hpp"
#include "actors/leader_follower/partition_files.hpp"
#include "actors/singleton/keys.hpp"
#include "runtime/config/config.hpp"
#include "runtime/simulation/sim_disk.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "messages/leader_follower.capnp.h"

namespace us {

namespace {

using namespace std::chrono_literals;

std::vector<std::string> names(std::size_t count) {
  if (count == 0 || count > 26)
    throw std::invalid_argument{"a simulated cluster has 1 to 26 nodes"};
  std::vector<std::string> all;
  for (std::size_t i = 0; i < count; ++i) all.emplace_back(1, static_cast<char>('a' + i));
  return all;
}

app app_of(service only) {
  app application;
  application.name = only.name();
  application.services.push_back(std::move(only));
  return application;
}

std::string first_service(const app& application) {
  return application.services.empty() ? "" : application.services.front().name();
}

partitioning first_divided(const app& application, std::uint32_t partitions) {
  return application.services.empty() ? partitioning{}
                                      : divided(application.services.front(), partitions);
}

}  // namespace

cluster_config simulated_config(const std::string& service, std::uint32_t partitions,
                                std::vector<std::string> witnesses,
                                const std::map<std::string, unsigned>& priorities) {
  cluster_config config;
  for (const auto& [name, priority] : priorities) {
    auto& node = config.nodes.emplace_back();
    node.name = name;
    node.priority = priority;
  }
  if (partitions > 1 || !witnesses.empty())
    config.services.push_back(
        {.name = service, .partitions = partitions, .witnesses = std::move(witnesses)});
  config.log.segment_bytes = config.log.snapshot_bytes = config.log.retain_bytes = 256u << 10;
  return config;
}

fault_plan plan_of(const cluster_options& how) {
  if (how.plan) return with_generated(*how.plan, how.seed, names(how.nodes + how.spares));
  return make_fault_plan(how.seed, names(how.nodes + how.spares), how.faults, how.length);
}

std::vector<std::string> witnesses_of(const cluster_options& how) {
  if (2 * how.witnesses >= how.nodes && how.witnesses > 0)
    throw std::invalid_argument{"fewer than half of the nodes may be witnesses"};
  const auto all = names(how.nodes);
  return {all.end() - static_cast<std::ptrdiff_t>(how.witnesses), all.end()};
}

simulated_cluster::simulated_cluster(cluster_options how, service only)
    : simulated_cluster(std::move(how), app_of(std::move(only))) {}

simulated_cluster::simulated_cluster(cluster_options how, const app& application)
    : simulated_cluster(
          how,
          make_program(application, simulated_config(first_service(application), how.partitions,
                                                     witnesses_of(how), how.priorities)),
          first_service(application), first_divided(application, how.partitions)) {}

simulated_cluster::simulated_cluster(cluster_options how, node_program program, std::string service,
                                     partitioning partitions)
    : service_(std::move(service)),
      partitions_(std::move(partitions)),
      program_(how.spares > 0 ? program : node_program{}),
      timeline_at_end_(std::move(how.timeline_at_end)),
      checks_(4 * duration{how.timing.election_timeout_min}),
      voters_seen_(partitions_.count),
      sim_({.nodes = names(how.nodes),
            .seed = how.seed,
            .timing = how.timing,
            .restart_exited = how.restart_exited},
           std::move(program)),
      plan_(plan_of(how)),
      witnesses_(witnesses_of(how)),
      priorities_(how.priorities) {
  for (std::uint32_t i = 0; i < partitions_.count; ++i)
    groups_.push_back(group_name(service_, {i, partitions_.count}));
  const auto all = names(how.nodes + how.spares);
  spares_.assign(all.begin() + static_cast<std::ptrdiff_t>(how.nodes), all.end());
  sim_.check_replicas(
      [this](sim::node& at, const inspected& replica) -> std::optional<std::string> {
        note_voters(at.name(), replica);
        if (stands_in_vain(at.name(), replica))
          return at.name() + " has priority 0 and is " + std::string{replica.view().role};
        return checks_.look(at.name(), at.starts(), replica, sim_.now());
      });
  sim_.guard_disks([this](const std::string& name) { return may_lose_disk(name); });
  // Between two leaders the former one is what a fault had better strike.
  sim_.aim([this] {
    auto now = leader();
    if (now.empty())
      if (const auto former = newest_leadership()) now = former->node;
    return now;
  });
}

simulated_cluster::~simulated_cluster() {
  if (timeline_at_end_) *timeline_at_end_ = sim_.timeline().text(200);
}

void simulated_cluster::start_spares() {
  for (const auto& name : std::exchange(spares_, {})) sim_.add_node(name, program_).start();
}

simulated_client& simulated_cluster::client_at(std::string_view node, unsigned number) {
  auto& client = clients_[{std::string{node}, number, ""}];
  if (!client)
    client = std::make_unique<simulated_client>(sim_.node(node), service_, number, partitions_);
  return *client;
}

simulated_client& simulated_cluster::client_of(std::string_view singleton, std::string_view node,
                                               unsigned number) {
  const std::string name{singleton};
  auto& client = clients_[{std::string{node}, number, name}];
  if (!client)
    client = std::make_unique<simulated_client>(sim_.node(node), name, number, singleton_key(name));
  return *client;
}

bool simulated_cluster::advance_until(const std::function<bool()>& done, duration limit) {
  return sim_.run_until(done, limit);
}

void simulated_cluster::every(duration interval, std::function<bool()> f) {
  sim_.after(interval, [this, interval, f = std::move(f)] {
    if (f()) every(interval, f);
  });
}

std::vector<std::pair<std::string, const inspected*>> simulated_cluster::replicas(
    std::uint32_t partition) const {
  std::vector<std::pair<std::string, const inspected*>> all;
  for (const auto& name : sim_.nodes())
    for (const auto* replica : sim_.node(name).replicas())
      if (replica->view().service == groups_[partition]) all.emplace_back(name, replica);
  return all;
}

void simulated_cluster::note_voters(const std::string& name, const inspected& replica) {
  const auto now = replica.view();
  const auto at = std::ranges::find(groups_, now.service);
  if (at == groups_.end()) return;
  auto& known = voters_seen_[static_cast<std::size_t>(at - groups_.begin())][name];
  const auto voters = now.members.first(now.voters);
  if (!std::ranges::equal(known, voters)) known.assign(voters.begin(), voters.end());
}

/// It has priority 0, and leads or asks for votes all the same.
bool simulated_cluster::stands_in_vain(const std::string& name, const inspected& replica) const {
  const auto at = priorities_.find(name);
  if (at == priorities_.end() || at->second > 0) return false;
  const auto now = replica.view();
  return (now.role == "leader" || now.role == "candidate") &&
         std::ranges::find(groups_, now.service) != groups_.end();
}

bool simulated_cluster::may_lose_disk(const std::string& name) const {
  for (std::uint32_t i = 0; i < groups_.size(); ++i)
    if (!may_lose_replica(name, i)) return false;
  return true;
}

/// What a majority has acknowledged survives only while a majority's disks do: those that were lost
/// and have not caught up since count as lost. Whichever configuration a replica has, or had when
/// it went down, may be the one in force.
bool simulated_cluster::may_lose_replica(const std::string& name, std::uint32_t partition) const {
  if (replicas(partition).empty()) return false;
  return std::ranges::all_of(voters_seen_[partition], [&](const auto& each) {
    const auto& voters = each.second;
    std::size_t lost = 0;
    for (const auto voter : voters)
      for (const auto& other : sim_.nodes())
        if (node_id_of(other) == voter && (other == name || !votes_on_disk(other, partition)))
          ++lost;
    // The least that a majority has of replicas with records; of these one has to stay.
    const auto witnesses = std::min(witnesses_.size(), voters.size() / 2);
    const auto copies = voters.size() / 2 + 1 - witnesses;
    const bool keeps_none = std::ranges::find(witnesses_, name) != witnesses_.end();
    const auto bearable = (voters.size() - 1) / 2;
    return !voters.empty() && lost <= (keeps_none ? bearable : std::min(bearable, copies - 1));
  });
}

bool simulated_cluster::votes_on_disk(const std::string& name, std::uint32_t partition) const {
  auto disk = sim::make_disk_port(std::make_shared<sim::disk_access>(sim_.node(name).disk()));
  auto standing =
      load_standing(*disk, standing_file(log_directory(service_, {partition, partitions_.count})));
  return standing && standing->counts();
}

const inspected* simulated_cluster::leading(std::uint32_t partition) const {
  const inspected* newest = nullptr;
  for (const auto& [name, replica] : replicas(partition))
    if (replica->view().role == "leader" &&
        (newest == nullptr || newest->view().epoch < replica->view().epoch))
      newest = replica;
  return newest;
}

std::vector<std::string> simulated_cluster::members(std::uint32_t partition) const {
  const auto* leader = leading(partition);
  if (leader == nullptr) return sim_.nodes();
  std::vector<std::string> found;
  const auto now = leader->view();
  for (const auto& name : sim_.nodes())
    if (std::ranges::find(now.members, node_id_of(name)) != now.members.end())
      found.push_back(name);
  return found;
}

std::size_t simulated_cluster::voters() const {
  const auto* leader = leading(0);
  return leader == nullptr ? 0 : leader->view().voters;
}

std::string simulated_cluster::leader(std::uint32_t partition) const {
  std::string found;
  us::epoch newest;
  for (const auto& [name, replica] : replicas(partition)) {
    const auto now = replica->view();
    if (now.role != "leader" || now.epoch < newest) continue;
    newest = now.epoch;
    found = name;
  }
  return found;
}

bool simulated_cluster::elects_leader(duration limit) {
  const auto all_led = [this] {
    for (std::uint32_t i = 0; i < groups_.size(); ++i)
      if (leader(i).empty()) return false;
    return true;
  };
  return advance_until(all_led, limit);
}

bool simulated_cluster::elects_leader_among(const std::vector<std::string>& some, duration limit) {
  const auto among = [&] { return std::ranges::find(some, leader()) != some.end(); };
  return advance_until(among, limit);
}

void simulated_cluster::ask_to_lead(std::string_view name, std::uint32_t partition) {
  const auto from = leader(partition);
  const auto at = from.empty() ? nullptr : sim_.node(from).context();
  if (!at) return;
  const auto seat = seat_key(service_, {partition, partitions_.count});
  const auto asked = make_frame<message::TransferRequest>(
      {0, {at->id, {}}, seat, {}},
      [&](message::TransferRequest::Builder request) { request.setNode(node_id_of(name).value); });
  sim_.node(from).call([&] { (void)at->send(at->id, asked); });
}

bool simulated_cluster::elect(std::string_view name, duration limit) {
  const auto until = now() + limit;
  while (leader() != name && now() < until) {
    ask_to_lead(name);
    (void)advance_until([&] { return leader() == name; }, std::min<duration>(100ms, until - now()));
  }
  return leader() == name;
}

std::string simulated_cluster::disagreement() const {
  for (std::uint32_t i = 0; i < groups_.size(); ++i)
    if (auto what = disagreement(i); !what.empty()) return what;
  return {};
}

std::string simulated_cluster::disagreement(std::uint32_t partition) const {
  auto all = replicas(partition);
  const auto group = members(partition);
  const auto of = partitions_.count > 1 ? " of " + groups_[partition] : "";
  for (const auto& name : group) {
    const auto is = [&](const auto& each) { return each.first == name; };
    if (std::ranges::none_of(all, is)) return name + " has no running replica" + of;
  }
  std::erase_if(
      all, [&](const auto& each) { return std::ranges::find(group, each.first) == group.end(); });
  std::erase_if(all, [](const auto& each) { return each.second->view().witness; });
  if (all.empty()) return {};
  const auto& [first_name, first] = all.front();
  const auto index = first->view().applied;
  const auto digest = first->state_digest();
  for (const auto& [name, replica] : all) {
    if (const auto applied = replica->view().applied; applied != index)
      return name + " has applied " + std::to_string(applied.value) + " entries" + of + ", " +
             first_name + " " + std::to_string(index.value);
    if (replica->state_digest() != digest)
      return name + " and " + first_name + " hold different records" + of +
             " after the same entries";
  }
  return {};
}

bool simulated_cluster::replicas_agree() const {
  return disagreement().empty();
}

std::string simulated_cluster::lives_at(std::string_view singleton) const {
  for (const auto& name : sim_.nodes())
    if (const auto context = sim_.node(name).context();
        context && context->directory->find(singletons::instance_key(singleton)))
      return name;
  return {};
}

bool simulated_cluster::caught_up(std::uint32_t partition) const {
  if (leader(partition).empty()) return false;
  const auto everything = checks_.committed(groups_[partition]);
  const auto group = members(partition);
  return std::ranges::all_of(replicas(partition), [&](const auto& each) {
    return std::ranges::find(group, each.first) == group.end() ||
           each.second->view().applied >= everything;
  });
}

void simulated_cluster::safety_phase() {
  sim_.play(plan_);
  sim_.run_for(plan_.length);
}

void simulated_cluster::liveness_phase(duration limit) {
  sim_.heal_everything();
  const auto until = now() + limit;
  if (!elects_leader(limit)) sim_.fail("healed, and yet there is no leader");
  // Requests may still come in: then the replicas are at the same entry for moments only, each
  // partition's at its own.
  std::vector<std::uint32_t> left;
  for (std::uint32_t i = 0; i < groups_.size(); ++i) left.push_back(i);
  while (true) {
    std::erase_if(left, [this](auto i) { return caught_up(i) && disagreement(i).empty(); });
    if (left.empty()) return;
    if (now() >= until) break;
    sim_.run_for(10ms);
  }
  sim_.fail("healed, and yet the replicas do not agree: " + disagreement(left.front()));
}

}  // namespace us
