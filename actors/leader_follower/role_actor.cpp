#include "actors/leader_follower/role_actor.hpp"

#include "runtime/ensure.hpp"
#include "runtime/health/node_learnt.hpp"
#include "runtime/mutants.hpp"
#include "runtime/state/slot_table.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <stdexcept>

#include "messages/request.capnp.h"

namespace us {

std::string_view name_of(role r) {
  switch (r) {
    case role::newcomer: return "newcomer";
    case role::follower: return "follower";
    case role::candidate: return "candidate";
    case role::leader: return "leader";
  }
  return "unknown";
}

namespace {

constexpr int slow_votes = 4;  ///< times of a vote's way to the disk that an election is given

/// Who began the group: as was written down then; else whom the configuration file names.
configuration founders_of(const node_context& node, const group& of, const standing& own) {
  std::vector<group_member> members;
  const auto add = [&](node_id who) {
    const bool witness = std::ranges::find(of.witnesses, who) != of.witnesses.end();
    members.push_back(
        {who, node.name_of(who), {}, witness ? member_kind::witness : member_kind::voter});
  };
  if (own.founders.empty())
    for (const auto& member : node.members) add(member.id);
  else
    for (const auto& each : own.founders) add(each.node);
  return {{}, std::move(members)};
}

}  // namespace

role_base::role_base(caf::actor_config& config, role_start start, role what)
    : node_actor(config, start.node),
      role_(what),
      start_(std::move(start)),
      group_(start_.group),
      store_(std::move(*start_.store)) {
  ensure(store_ != nullptr);
  store_->members.begin_with(founders_of(node(), *group_, store_->standing));
  speak_as(group_->seat);
  learn_members();
  if (node().inspection) node().inspection->add(*this);
}

role_base::~role_base() {
  hide();
}

/// Called before the store goes: what is looked at has one.
void role_base::hide() {
  if (node().inspection) node().inspection->remove(*this);
}

void role_base::enqueue(caf::mailbox_element_ptr element, caf::execution_unit* unit) {
  if (node().inspection) node().inspection->reach();
  node_actor::enqueue(std::move(element), unit);
}

void role_base::on_exit() {
  node_actor::on_exit();
  hide();
  if (group_) node().directory->restore(group_->seat, handle());
  store_.reset();
  start_ = {};
  group_.reset();
}

bool role_base::promised() const {
  return now() < store_->promised_until && !mutant(bug::promise_forgotten);
}

duration role_base::election_timeout() {
  const auto min = static_cast<std::uint64_t>(duration{node().timing.election_timeout_min}.count());
  const duration once{static_cast<duration::rep>(node().ports.random->between(min, 2 * min))};
  return rules::election_patience(epoch(), store_->led) * once + slow_votes * store_->vote_took;
}

void role_base::store_vote(const vote& v, std::function<void()> then) {
  log().store_vote(v, [this, began = now(), then = std::move(then)] {
    if (leader_.none()) store_->vote_took = now() - began;
    then();
  });
}

void role_base::retire(role next, std::string why, frame pending, bool transfer) {
  if (ending_) return;
  ending_ = true;
  ending_as_ = retired{next, std::move(why), transfer, {}, nullptr};
  if (!pending.empty()) ending_as_->pending.push_back(std::move(pending));
  hand_on(ending_as_->pending);
  log().attach(handle(), {[this](log_index) { finish_when_idle(); },
                          [](const failure& f) { throw std::runtime_error{f.text}; }});
  node().directory->restore(group_->seat, handle());  // what is the seat's own goes there again
  // The rest comes from there and is dropped, and its client asks again: kept for as long as the
  // disk may take, a request could be executed after its answer had been given and lost.
  become(serve({}, {[](const member_changed&) {}, [](wind_down) {}},
               [this](const frame& f) { report_dropped(node(), f, "no_actor"); }));
  finish_when_idle();
}

void role_base::finish_when_idle() {
  if (!ending_as_) return;
  // A full disk would make it wait for ever; what waits then is dropped by opening the log anew.
  if (!log().idle() && !log().full()) return;
  auto last = std::move(*ending_as_);
  ending_as_.reset();
  hide();
  if (log().idle())
    last.store = std::make_shared<std::unique_ptr<replica_store>>(std::move(store_));
  caf::anon_send(start_.seat, std::move(last));
  quit();
}

void role_base::announce(node_id leader) {
  leader_ = leader;
  if (!leader.none()) {
    store_->led = epoch();
    store_->vote_took = {};
  }
  caf::anon_send(start_.seat, leads{leader, epoch()});
}

void role_base::attach_losses() {
  if (!store_->losses) return;
  store_->losses->attach(
      handle(), [node = shared_node(), group = group_](const loss_journal& losses) {
        if (!node->metrics) return;
        for (const auto kind : {loss_kind::ACKNOWLEDGED, loss_kind::UNACKNOWLEDGED})
          node->metrics
              ->make_gauge("understudy_losses", "What is lost, by this node's loss journal",
                           group->labels({{"kind", to_string(kind)}}))
              .set(static_cast<double>(losses.lost(kind)));
      });
}

caf::behavior role_base::serve_role(dispatch_table table,
                                    std::function<void(const member_changed&)> on_member,
                                    std::function<void()> on_wind_down) {
  if (store_->snapshots) store_->snapshots->attach(handle(), *store_, group_->limits);
  attach_losses();
  // What is the seat's own goes back to it: frames for the seat come straight to its role.
  table.add(on_frame<message::WatchLeader>(
      [seat = start_.seat](const frame& f, const us::sender&) { caf::anon_send(seat, f); }));
  return serve(std::move(table), {[on_member](const member_changed& m) {
                                    if (on_member) on_member(m);
                                  },
                                  [this, on_wind_down](wind_down) {
                                    if (on_wind_down) return on_wind_down();
                                    retire(role::follower, "the node stops");
                                  }});
}

replica_view role_base::view() const {
  // One that ends answers nobody, however long it waits for its disk.
  const auto is = ending_ ? std::string_view{"ending"} : us::name_of(role_);
  const auto& members = configuration();
  return {group_->name,
          is,
          store_->epoch(),
          leader_,
          store_->commit,
          store_->applied,
          store_->log->last_index(),
          members.nodes(),
          members.voters(),
          store_->opened,
          !ending_ && store_->elected_after_loss == store_->epoch() && role_ == role::leader,
          store_->standing.witness};
}

std::optional<std::uint64_t> role_base::entry_digest(log_index index) const {
  const auto found = store_->log->cached(index, 1);
  if (found.empty() || store_->standing.witness) return std::nullopt;
  return key_hash(*found.front().bytes) + found.front().epoch.value;
}

std::uint64_t role_base::state_digest() const {
  std::uint64_t sum = 0;
  const auto& state = *store_->state;
  for (std::uint32_t slot = state.next_used(0); slot < state::slots;
       slot = state.next_used(slot + 1))
    state.each_in_slot(slot, [&sum](std::string_view key, std::string_view value) {
      sum += key_hash(key) * 31 ^ key_hash(value);
    });
  return sum;
}

void role_base::learn_members() {
  const auto& now = configuration();
  if (now.index() == std::exchange(members_learnt_, now.index())) return;
  const auto links = node().directory->find(links_key());
  for (const auto& member : now.members()) {
    if (member.node == node().id || member.address.empty()) continue;
    for (const auto& who : {links, group_->monitor})
      if (who) caf::anon_send(who, node_learnt{member.node, member.name, member.address});
  }
}

std::string role_base::name_of(node_id which) const {
  const auto* member = configuration().find(which);
  return member != nullptr ? member->name : node().name_of(which);
}

void role_base::fill_members(message::ServiceStatus::Builder status) const {
  const auto& now = configuration();
  auto list = status.initMembers(static_cast<unsigned>(now.members().size()));
  for (unsigned i = 0; i < list.size(); ++i) {
    const auto& member = now.members()[i];
    list[i].setName(member.name);
    list[i].setKind(std::string{us::name_of(member.kind)});
    list[i].setAddress(member.address);
    list[i].setPriority(group_->priority(member.node));
  }
  status.setMembersCommitted(now.index() <= store_->commit);
  const bool waits = now.index().none() && !store_->standing.counts();
  if (now.find(node().id) == nullptr)
    status.setWhy(node().name + " is no member of the group and waits to be added");
  else if (waits)
    status.setWhy("no leader sends the log: if " + node().name +
                  " is new, it has to be added to the group");
}

void role_base::fill_status(message::ServiceStatus::Builder status, role r, node_id leader) {
  status.setName(group_->service.name());
  status.setPartition(group_->partition.index);
  status.setPartitions(group_->partition.count);
  const bool recovering = !store_->standing.counts() && r == role::follower;
  const bool witness = store_->standing.witness && r == role::follower;
  status.setRole(recovering ? "recovering" : witness ? "witness" : to_string(r));
  status.setEpoch(epoch().value);
  if (!leader.none()) status.setLeader(name_of(leader));
  fill_members(status);
  status.setCommitIndex(store_->commit.value);
  status.setAppliedIndex(store_->applied.value);
  status.setLastIndex(log().last_index().value);
  status.setRecords(store_->state->size());
  status.setAcknowledge(std::string{us::name_of(group_->acknowledge.when)});
  const auto interval = group_->limits.log.sync_interval;
  status.setDurability(interval > duration{0} ? "interval" : "fsync");
  status.setSyncIntervalMillis(static_cast<std::uint64_t>(interval / std::chrono::milliseconds{1}));
  status.setLogBytes(log().disk_bytes());
  status.setLogFirstIndex(log().first_index().value);
  if (const auto* losses = store_->losses.get()) {
    status.setLosses(losses->lost(loss_kind::ACKNOWLEDGED));
    status.setLossesUnacknowledged(losses->lost(loss_kind::UNACKNOWLEDGED));
    status.setLossesDropped(losses->dropped());
  }
  if (store_->snapshots && store_->snapshots->newest() != nullptr)
    status.setSnapshotIndex(store_->snapshots->newest()->id.index.value);
}

}  // namespace us
