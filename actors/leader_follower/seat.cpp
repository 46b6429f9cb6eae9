#include "actors/leader_follower/seat.hpp"

#include "actors/client/service_client.hpp"
#include "actors/leader_follower/candidate.hpp"
#include "actors/leader_follower/follower.hpp"
#include "actors/leader_follower/leader.hpp"
#include "actors/leader_follower/newcomer.hpp"
#include "actors/leader_follower/open_store.hpp"
#include "actors/leader_follower/partition_files.hpp"
#include "runtime/ensure.hpp"
#include "runtime/mutants.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include "messages/request.capnp.h"

namespace us {

namespace {

constexpr std::size_t kept_max = 1024;
constexpr std::size_t watchers_max = 1024;

caf::error failed(std::string text) {
  return caf::make_error(caf::sec::runtime_error, std::move(text));
}

}  // namespace

caf::actor spawn_seat(caf::actor_system& system, const node_ptr& node, group of) {
  of.name = group_name(of.service.name(), of.partition);
  of.directory = log_directory(of.service.name(), of.partition);
  of.seat = seat_key(of.service.name(), of.partition);
  of.limits = share_of(of.limits, of.partition.count);
  return system.spawn<seat>(node, std::make_shared<const group>(std::move(of)));
}

seat::seat(caf::actor_config& config, node_ptr node, group_ptr group)
    : node_actor(config, std::move(node)), group_(std::move(group)) {
  set_down_handler([this](const caf::down_msg& down) { on_role_down(down); });
  set_exit_handler([this](const caf::exit_msg& exit) { on_exit(exit); });
}

void seat::on_exit() {
  node_actor::on_exit();
  count_led(false);
  if (role_) caf::anon_send_exit(role_, caf::exit_reason::kill);
  role_ = nullptr;  // it holds its seat
  next_.reset();
  kept_.clear();
  closing_.reset();
}

caf::behavior seat::make_behavior() {
  listen_as(group_->seat);
  open();
  dispatch_table table{
      {on<message::WatchLeader>([this](auto, const us::sender& from) { watch(from); })}};
  return serve(std::move(table),
               {[this](const retired& last) { on_retired(last); },
                [this](const leads& now) { on_leads(now); }},
               [this](const frame& f) { pass(f); });
}

void seat::open() {
  auto box = std::make_shared<std::optional<result<std::unique_ptr<replica_store>>>>();
  node().ports.executor->run(
      lane::log,
      [box, ports = node().ports, of = group_] {
        try {
          auto fits = claim_partitions(*ports.disk, of->service.name(), of->partition.count);
          box->emplace(fits ? open_store(ports, of->directory, of->limits, of->engine)
                            : result<std::unique_ptr<replica_store>>{fits.error()});
        } catch (const std::exception& e) {
          box->emplace(failure{errc::corrupted,
                               std::string{"the change log cannot be applied: "} + e.what()});
        }
      },
      handle(), task{[this, box] { opened(std::move(**box)); }});
}

void seat::opened(result<std::unique_ptr<replica_store>> store) {
  if (stopping_) return store ? close(std::move(*store)) : quit();
  if (!store) {
    node().ports.log->write(severity::event, node().name + " cannot use its change log of " +
                                                 group_->name + ": " + store.error().text);
    return quit(failed(store.error().text));
  }
  const bool fresh = (*store)->standing.kind == standing_kind::fresh;
  (*store)->opened = now();
  (*store)->led = (*store)->epoch();
  // What it had promised before is forgotten, and so is whether it promises anything.
  if (!fresh && !mutant(bug::promise_forgotten_at_start))
    (*store)->promised_until = now() + node().timing.election_timeout_min;
  start(fresh ? role::newcomer : role::follower,
        std::make_shared<std::unique_ptr<replica_store>>(std::move(*store)), "the node started",
        false);
}

void seat::start(role next, store_box store, std::string why, bool transfer) {
  role_start with{shared_node(), group_, handle(), std::move(store), std::move(why), transfer};
  role_now_ = next;
  node().ports.log->write(
      severity::info, "role_started",
      {{"service", group_->name}, {"role", to_string(next)}, {"why", with.why}});
  switch (next) {
    case role::newcomer: role_ = system().spawn<newcomer_actor>(std::move(with), newcomer); break;
    case role::follower: role_ = system().spawn<follower_actor>(std::move(with), follower); break;
    case role::candidate:
      role_ = system().spawn<candidate_actor>(std::move(with), candidate);
      break;
    case role::leader:
      node().ports.log->write(
          group_->told(), node().name + " is leader" +
                              (group_->partition.only() ? "" : " of " + group_->name) + ", epoch " +
                              to_string((*with.store)->epoch()) + ": " + with.why);
      role_ = system().spawn<leader_actor>(std::move(with), leader);
      break;
  }
  monitor(role_);
  for (auto& f : std::exchange(kept_, {})) send(role_, std::move(f));
  node().directory->divert(group_->seat, role_);
}

void seat::on_retired(const retired& last) {
  if (!stopping_ && !legal(role_now_, last.next))
    return quit(
        failed("no transition from " + to_string(role_now_) + " to " + to_string(last.next)));
  // Whoever listens must not take this node for the leader until the next role hears of one.
  if (role_now_ == role::leader) on_leads({{}, epoch_});
  next_ = last;
}

// A role is replaced only once it is down: until then the store could still be in use.
void seat::on_role_down(const caf::down_msg& down) {
  if (!role_ || down.source != role_.address()) return;
  role_ = nullptr;
  if (!next_ || !next_->store) {
    if (stopping_) return quit();
    if (next_) return quit(failed("the replica is opened anew: " + next_->why));
    node().ports.log->write(severity::error, "role_crashed",
                            {{"service", group_->name},
                             {"role", to_string(role_now_)},
                             {"reason", caf::to_string(down.reason)}});
    return quit(failed(to_string(role_now_) + " crashed: " + caf::to_string(down.reason)));
  }
  auto last = std::move(*next_);
  next_.reset();
  if (stopping_) return close(std::move(*last.store));
  kept_.insert(kept_.begin(), last.pending.begin(), last.pending.end());
  start(last.next, std::move(last.store), std::move(last.why), last.transfer);
}

void seat::on_exit(const caf::exit_msg& exit) {
  if (exit.reason == caf::exit_reason::kill) return quit(exit.reason);
  if (std::exchange(stopping_, true)) return;
  if (role_)
    send(role_, wind_down{});
  else if (next_)
    quit();
  // else: the store is being opened; opened() ends the seat
}

/// Notes that everything is synced, so that the next start need not mistrust it. If that cannot be
/// noted, it does mistrust it, which costs time and is safe.
void seat::close(std::unique_ptr<replica_store> store) {
  if (!store || store->standing.boot == 0) return quit();
  closing_ = std::move(store);
  auto& log = *closing_->log;
  log.attach(handle(), {[](log_index) {}, [this](const failure&) { quit(); }});
  log.store_vote(log.vote(), [this] {
    auto closed = closing_->standing;
    closed.boot = 0;
    node().ports.executor->run(
        lane::bulk,
        [closed, where = node().ports.disk, path = closing_->standing_path] {
          (void)store_standing(*where, path, closed);
        },
        handle(), task{[this] { quit(); }});
  });
}

void seat::pass(const frame& f) {
  if (role_ && !next_) return send(role_, f);
  if (kept_.size() < kept_max) kept_.push_back(f);
}

void seat::on_leads(const leads& now) {
  leader_ = now.leader;
  epoch_ = now.epoch;
  count_led(leader_ == node().id);
  for (const auto& watcher : watchers_) tell(watcher);
}

void seat::count_led(bool leading) {
  if (leading == std::exchange(leading_, leading) || !node().metrics) return;
  node()
      .metrics
      ->make_gauge("understudy_groups_led", "Groups of the service that this node leads",
                   {{"service", group_->service.name()}})
      .add(leading ? 1 : -1);
}

void seat::watch(const us::sender& from) {
  if (from.node != node().id || watchers_.size() >= watchers_max) return;
  watchers_.insert(from.where());
  tell(from.where());
}

void seat::tell(const us::address& watcher) {
  (void)send_frame<message::LeaderChanged>(
      watcher, epoch_, [this](message::LeaderChanged::Builder m) { m.setLeader(leader_.value); },
      8);
}

}  // namespace us
