#include "actors/leader_follower/role_actor.hpp"

#include "runtime/ensure.hpp"

#include <caf/send.hpp>

#include <stdexcept>

namespace us {

std::string to_string(role r) {
  switch (r) {
    case role::newcomer: return "newcomer";
    case role::follower: return "follower";
    case role::candidate: return "candidate";
    case role::leader: return "leader";
  }
  return "unknown";
}

role_base::role_base(caf::actor_config& config, role_start start)
    : node_actor(config, start.node),
      start_(std::move(start)),
      group_(start_.group),
      store_(std::move(*start_.store)) {
  ensure(store_ != nullptr);
  speak_as(group_->seat);
}

void role_base::on_exit() {
  node_actor::on_exit();
  store_.reset();
  start_ = {};
  group_.reset();
}

duration role_base::election_timeout() {
  const auto min = static_cast<std::uint64_t>(duration{node().timing.election_timeout_min}.count());
  return duration{static_cast<duration::rep>(node().ports.random->between(min, 2 * min))};
}

void role_base::retire(role next, std::string why, frame pending, bool transfer) {
  if (ending_) return;
  ending_ = true;
  ending_as_ = retired{next, std::move(why), transfer, std::move(pending), nullptr};
  log().attach(handle(), {[this](log_index) { finish_when_idle(); },
                          [](const failure& f) { throw std::runtime_error{f.text}; }});
  become(serve({}, {[](const member_changed&) {}, [](wind_down) {}}));
  finish_when_idle();
}

void role_base::finish_when_idle() {
  if (!ending_as_) return;
  // A full disk would make it wait for ever; what waits then is dropped by opening the log anew.
  if (!log().idle() && !log().full()) return;
  auto last = std::move(*ending_as_);
  ending_as_.reset();
  if (log().idle())
    last.store = std::make_shared<std::unique_ptr<replica_store>>(std::move(store_));
  caf::anon_send(start_.seat, std::move(last));
  quit();
}

void role_base::announce(node_id leader) {
  caf::anon_send(start_.seat, leads{leader, epoch()});
}

caf::behavior role_base::serve_role(dispatch_table table,
                                    std::function<void(const member_changed&)> on_member,
                                    std::function<void()> on_wind_down) {
  if (store_->snapshots) store_->snapshots->attach(handle(), *store_, group_->limits);
  return serve(std::move(table), {[on_member](const member_changed& m) {
                                    if (on_member) on_member(m);
                                  },
                                  [this, on_wind_down](wind_down) {
                                    if (on_wind_down) return on_wind_down();
                                    retire(role::follower, "the node stops");
                                  }});
}

void role_base::fill_status(message::ServiceStatus::Builder status, role r, node_id leader) {
  status.setName(group_->service.name());
  const bool recovering = store_->standing.kind == standing_kind::recovering;
  status.setRole(recovering ? "recovering" : to_string(r));
  status.setEpoch(epoch().value);
  if (!leader.none()) status.setLeader(node().name_of(leader));
  status.setCommitIndex(store_->commit.value);
  status.setAppliedIndex(store_->applied.value);
  status.setLastIndex(log().last_index().value);
  status.setRecords(store_->state->size());
  status.setLogBytes(log().disk_bytes());
  status.setLogFirstIndex(log().first_index().value);
  if (store_->snapshots && store_->snapshots->newest() != nullptr)
    status.setSnapshotIndex(store_->snapshots->newest()->id.index.value);
}

}  // namespace us
