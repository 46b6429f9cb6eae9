#include "actors/active_passive/seat.hpp"

#include "actors/active_passive/active.hpp"
#include "actors/active_passive/aside.hpp"
#include "actors/active_passive/claimant.hpp"
#include "actors/active_passive/passive.hpp"
#include "actors/client/service_client.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace us::active_passive {

namespace {

constexpr std::size_t kept_max = 256;

caf::error failed(std::string text) {
  return caf::make_error(caf::sec::runtime_error, std::move(text));
}

}  // namespace

caf::actor spawn_seat(caf::actor_system& system, const node_ptr& node, group of) {
  of.seat = seat_key(of.name);
  if (of.directory.empty()) of.directory = of.name;
  return system.spawn<seat>(node, std::make_shared<const group>(std::move(of)));
}

seat::seat(caf::actor_config& config, node_ptr node, group_ptr group)
    : node_actor(config, std::move(node)), group_(std::move(group)) {
  set_down_handler([this](const caf::down_msg& down) { on_role_down(down); });
  set_exit_handler([this](const caf::exit_msg& exit) { on_exit(exit); });
}

void seat::on_exit() {
  node_actor::on_exit();
  if (role_) caf::anon_send_exit(role_, caf::exit_reason::kill);
  role_ = nullptr;  // it holds its seat
  // Whatever ended the seat: nobody is there to hold them.
  if (group_->owner) {
    group_->owner->watch({}, {});
    group_->owner->release({}, {});
  }
  next_.reset();
  kept_.clear();
  granter_.reset();
}

caf::behavior seat::make_behavior() {
  listen_as(group_->seat);
  own_.witness = group_->witness;
  if (!group_->chosen_by.empty()) own_.choice = {false, group_->chosen_by + " is not known yet"};
  if (group_->owner) {
    group_->owner->watch(handle(), [this](const address_event& event) { on_address(event); });
    if (!group_->owner->link_up()) own_.link_down = "its link is down";
  }
  open();
  dispatch_table table{
      {on<message::LeaseRequest>(
           [this](message::LeaseRequest::Reader request, const us::sender& from) {
             if (granter_ && node().is_member(from.node)) granter_->request(request, from);
           }),
       on<message::LeaseRelease>([this](auto, const us::sender& from) {
         if (granter_ && node().is_member(from.node)) granter_->release(from);
       }),
       on<message::StatusRequest>([this](auto, const us::sender& from) { reply_status(from); })}};
  return serve(std::move(table),
               {[this](const retired& last) { on_retired(last); },
                [this](const health_changed& health) {
                  change([&](conditions& c) { c.failing = health.failing; });
                },
                [this](const maintenance_changed& to) {
                  if (granter_) granter_->set_maintenance(to.on);
                  change([&](conditions& c) { c.maintenance = to.on; });
                },
                [this](const choice_changed& to) {
                  if (to.now != own_.choice) change([&](conditions& c) { c.choice = to.now; });
                },
                [this](const peer_refused& told) {
                  if (role_) send(role_, told);
                },
                [this](hand_over_now now) {
                  if (role_) send(role_, now);
                }},
               [this](const frame& f) { pass(f); });
}

void seat::open() {
  auto box = std::make_shared<std::optional<result<kept_promise>>>();
  node().ports.executor->run(
      lane::log,
      [box, disk = node().ports.disk, directory = group_->directory] {
        box->emplace(load_promise(*disk, directory));
      },
      handle(), task{[this, box] { opened(**box); }});
}

void seat::opened(const result<kept_promise>& kept) {
  if (stopping_) return quit();
  if (!kept) {
    node().ports.log->write(severity::event, group_->name + ": " + kept.error().text);
    return quit(failed(kept.error().text));
  }
  granter_.emplace(*this, group_, *kept);
  if (group_->members) watch_members();
  own_.maintenance = (*kept).maintenance;
  auto view = std::make_unique<group_view>();
  view->newest = (*kept).promise.epoch;
  view->flaps = rules::flap_history{group_->timing.flap_max, group_->timing.flap_window};
  const auto first = own_.problem().empty() ? role::passive : role::aside;
  start(first, std::make_shared<std::unique_ptr<group_view>>(std::move(view)), "the node started",
        {});
}

void seat::start(role next, view_box view, std::string why, const term& with) {
  (*view)->own.witness = own_.witness;
  (*view)->own.maintenance = own_.maintenance;
  (*view)->own.failing = own_.failing;
  (*view)->own.link_down = own_.link_down;
  (*view)->own.choice = own_.choice;
  epoch_ = std::max((*view)->newest, with.epoch);
  role_start start{shared_node(), group_, handle(), std::move(view), why, with};
  role_now_ = next;
  why_ = why;
  node().ports.log->write(severity::info, "role_started",
                          {{"group", group_->name}, {"role", to_string(next)}, {"why", why}});
  switch (next) {
    case role::passive: role_ = system().spawn<passive_actor>(std::move(start), passive); break;
    case role::claimant: role_ = system().spawn<claimant_actor>(std::move(start), claimant); break;
    case role::active:
      if (group_->safety == safety::heartbeat) granter_->remember(epoch_);
      node().ports.log->write(severity::event, group_->name + ": " + node().name +
                                                   " is active, epoch " + to_string(epoch_) + ": " +
                                                   why);
      role_ = system().spawn<active_actor>(std::move(start), active);
      break;
    case role::aside:
      if (!group_->witness)
        node().ports.log->write(severity::event,
                                group_->name + ": " + node().name + " stands aside: " + why);
      role_ = system().spawn<aside_actor>(std::move(start), aside);
      break;
  }
  monitor(role_);
  tell_listener(why);
  for (auto& f : std::exchange(kept_, {})) send(role_, std::move(f));
}

void seat::tell_listener(const std::string& why) {
  if (group_->listener)
    caf::anon_send(group_->listener, duty_changed{group_->name, role_now_, epoch_, why});
}

void seat::on_retired(const retired& last) {
  if (!stopping_ && !legal(role_now_, last.next))
    return quit(
        failed("no transition from " + to_string(role_now_) + " to " + to_string(last.next)));
  next_ = last;
}

// A role is replaced only once it is down: until then it could still send.
void seat::on_role_down(const caf::down_msg& down) {
  if (!role_ || down.source != role_.address()) return;
  role_ = nullptr;
  if (!next_) {
    if (stopping_) return quit();
    return quit(failed(to_string(role_now_) + " crashed: " + caf::to_string(down.reason)));
  }
  auto last = std::move(*next_);
  next_.reset();
  if (stopping_) {
    role_now_ = role::aside;
    tell_listener(last.why);
    return quit();
  }
  if (role_now_ == role::active)
    node().ports.log->write(
        severity::event, group_->name + ": " + node().name + " is no longer active: " + last.why);
  start(last.next, std::move(last.view), std::move(last.why), last.term);
}

void seat::on_exit(const caf::exit_msg& exit) {
  if (exit.reason == caf::exit_reason::kill) return quit(exit.reason);
  if (std::exchange(stopping_, true)) return;
  if (role_)
    send(role_, wind_down{});
  else if (next_)
    quit();
  // else: the promises are being read; opened() ends the seat
}

void seat::on_address(const address_event& event) {
  if (event.kind == address_event_kind::link_down)
    change([&](conditions& c) { c.link_down = event.why; });
  else if (event.kind == address_event_kind::link_up)
    change([](conditions& c) { c.link_down.clear(); });
  if (role_) send(role_, address_told{event});
}

void seat::change(const std::function<void(conditions&)>& how) {
  how(own_);
  if (role_) send(role_, own_);
}

void seat::pass(const frame& f) {
  if (f.type() == capnp::typeId<message::Beat>()) note_beat(f);
  if (role_ && !next_) return send(role_, f);
  if (kept_.size() < kept_max) kept_.push_back(f);
}

/// For status: who is active, and who is heard.
void seat::note_beat(const frame& f) {
  const auto from = f.head().from.node;
  if (from == node().id || !node().is_member(from)) return;
  opened_frame opened{f};
  const auto beat = opened.body<message::Beat>();
  if (beat.getDuty() == message::Duty::ACTIVE && f.head().epoch >= epoch_) {
    active_ = from;
    if (role_now_ != role::active) epoch_ = f.head().epoch;
  } else if (active_ == from) {
    active_ = {};
  }
  if (!group_->members) return;
  auto& member = members_[from];
  const bool known = member.state == member_state::alive && !beat.getLeaving();
  member.node = from;
  member.name = node().name_of(from);
  member.state = beat.getLeaving() ? member_state::suspected : member_state::alive;
  member.last_heard = now();
  if (known) return group_->members->heard(from, now());
  group_->members->put(member);
}

void seat::watch_members() {
  const auto silence = group_->timing.silence();
  for (auto& [id, member] : members_) {
    if (member.state != member_state::alive || now() - *member.last_heard < silence) continue;
    member.state = member_state::suspected;
    group_->members->put(member);
  }
  after(silence, [this] { watch_members(); });
}

void seat::reply_status(const us::sender& from) {
  (void)send_frame<message::ServiceStatus>(
      from.where(), epoch_,
      [this](message::ServiceStatus::Builder status) {
        status.setName(group_->name);
        status.setRole(to_string(role_now_));
        status.setEpoch(epoch_.value);
        const auto active = role_now_ == role::active ? node().id : active_;
        if (!active.none()) status.setLeader(node().name_of(active));
        status.setWhy(own_.choice.why.empty() || role_now_ == role::aside ? why_ : own_.choice.why);
        if (!group_->owner || group_->owner->addresses().empty()) return;
        const auto& held = group_->owner->addresses();
        auto addresses = status.initAddresses(static_cast<unsigned>(held.size()));
        for (unsigned i = 0; i < addresses.size(); ++i) addresses.set(i, to_string(held[i]));
      },
      64);
}

}  // namespace us::active_passive
