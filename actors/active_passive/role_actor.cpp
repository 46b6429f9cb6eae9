#include "actors/active_passive/role_actor.hpp"

#include "runtime/ensure.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <chrono>

namespace us::active_passive {

using std::chrono::duration_cast;
using std::chrono::microseconds;

role_base::role_base(caf::actor_config& config, role_start start, message::Duty duty)
    : node_actor(config, start.node),
      start_(std::move(start)),
      group_(start_.group),
      view_(std::move(*start_.view)),
      duty_(duty) {
  ensure(view_ != nullptr);
  speak_as(group_->seat);
}

void role_base::on_exit() {
  node_actor::on_exit();
  functions_ = {};
  view_.reset();
  start_ = {};
}

std::size_t role_base::own_rank() {
  return rules::rank({group_->priority, node().id}, view().contenders(now(), timing().silence()));
}

node_id role_base::successor() {
  const auto able = view().contenders(now(), timing().silence());
  for (const auto& each : able)
    if (rules::rank(each, able) == 0) return each.node;
  return {};
}

std::string role_base::reason(const std::string& why) const {
  const auto& chosen = view_->own.choice.why;
  return chosen.empty() ? why : chosen + "; " + why;
}

void role_base::log_event(const std::string& text) {
  node().ports.log->write(severity::event, group_->name + ": " + text);
}

void role_base::fill_beat(message::Beat::Builder beat, bool leaving) {
  const bool waits = duty_ == message::Duty::PASSIVE && !view_->own.choice.here;
  beat.setDuty(leaving || waits ? message::Duty::ASIDE : duty_);
  beat.setPriority(static_cast<std::uint16_t>(group_->priority));
  beat.setLeaving(leaving);
  if (active_since_ && !leaving)
    beat.setActiveMicros(
        static_cast<std::uint64_t>(duration_cast<microseconds>(now() - *active_since_).count()));
  const auto& former = view_->former;
  beat.setLastActive(former.node.value);
  beat.setLastEpoch(former.epoch.value);
  beat.setLastInOrder(former.in_order);
  if (group_->owner) {
    const auto hardware = group_->owner->hardware();
    beat.setHardware(kj::arrayPtr(hardware.data(), hardware.size()));
  }
}

// An active's beats carry its own epoch; the others' the newest that they know of.
us::epoch role_base::beat_epoch() const {
  return duty_ == message::Duty::ACTIVE ? epoch_ : view_->newest;
}

void role_base::beat_to(node_id to) {
  send_to<message::Beat>(to, beat_epoch(), [this](auto beat) { fill_beat(beat, false); });
}

void role_base::beat(bool leaving) {
  broadcast<message::Beat>(beat_epoch(), [&](auto beat) { fill_beat(beat, leaving); });
}

void role_base::hear(message::Beat::Reader beat, const us::sender& from) {
  if (from.node == node().id || !node().is_member(from.node)) return;
  auto& peer = view().peers[from.node];
  const bool was_active = peer.duty == message::Duty::ACTIVE && !peer.gone;
  // Datagrams may overtake each other: an active's older claim does not undo its newer one.
  if (was_active && from.epoch < peer.epoch) return;
  peer.duty = beat.getDuty();
  peer.epoch = from.epoch;
  peer.priority = beat.getPriority();
  peer.heard = now();
  peer.gone.reset();
  if (beat.getLeaving()) peer.gone = now();
  if (was_active && peer.duty != message::Duty::ACTIVE) view().let_go = now();
  const auto hardware = beat.getHardware();
  if (hardware.size() == peer.hardware.size())
    std::copy(hardware.begin(), hardware.end(), peer.hardware.begin());
  if (peer.duty != message::Duty::ACTIVE)
    peer.active_since.reset();
  else if (!was_active || !peer.active_since)
    peer.active_since = now() - microseconds{beat.getActiveMicros()};
  view().newest = std::max(view().newest, from.epoch);
  view().former.learn({{beat.getLastActive()}, {beat.getLastEpoch()}, beat.getLastInOrder()});
  view().newest = std::max(view().newest, view().former.epoch);
  const auto heard = peer;  // what is done about it may change the view
  if (functions_.on_beat) functions_.on_beat(from.node, heard);
}

void role_base::refused(node_id node) {
  const auto at = view().peers.find(node);
  if (at == view().peers.end() || at->second.gone) return;
  // One that came up again is heard before long, and that takes this back.
  at->second.gone = now();
  const auto heard = at->second;
  if (functions_.on_beat) functions_.on_beat(node, heard);
}

void role_base::tick() {
  if (ending_) return;
  const auto late = now() - tick_due_;
  tick_due_ = std::max(tick_due_ + timing().heartbeat, now());
  after(tick_due_ - now(), [this] { tick(); });
  if (functions_.on_tick) functions_.on_tick(late > patience().pause_max() ? late : duration{0});
  if (!ending_) beat();
}

void role_base::report_overlap(node_id rival, const peer_view& heard) {
  auto& last = view().last;
  if (!last || !heard.active_since || heard.epoch < last->epoch) return;
  const auto length =
      rules::overlap(last->ended - last->began, now() - last->ended, now() - *heard.active_since);
  last.reset();
  if (length <= duration{0}) return;
  const auto ms = std::to_string(duration_cast<microseconds>(length).count() / 1000);
  log_event(node().name + " and " + node().name_of(rival) + " were both active for " + ms + " ms");
  const metrics::labels labels{{"group", group_->name}};
  node()
      .metrics
      ->make_counter("understudy_vip_overlap_seconds_total",
                     "Time in which another node was active too", labels)
      .add(std::chrono::duration<double>(length).count());
  node()
      .metrics->make_counter("understudy_vip_overlaps_total", "Times that two were active", labels)
      .add();
}

void role_base::retire(role next, std::string why, us::active_passive::term with) {
  if (!view_) return;
  ending_ = true;
  auto box = std::make_shared<std::unique_ptr<group_view>>(std::move(view_));
  caf::anon_send(start_.seat, retired{next, std::move(why), with, std::move(box)});
  quit();
}

caf::behavior role_base::serve_role(role_functions functions, dispatch_table more) {
  functions_ = std::move(functions);
  tick_due_ = now();
  tick();
  more.add(on<message::Beat>([this](message::Beat::Reader beat, const us::sender& from) {
    if (view_ && !ending_) hear(beat, from);
  }));
  const auto call = [](const std::function<void()>& f) {
    if (f) f();
  };
  return serve(std::move(more),
               caf::message_handler{[this, call](const conditions& now_hold) {
                                      if (!view_) return;
                                      // The seat knows of no stranger: that was found out by a
                                      // role.
                                      auto stranger = std::move(view().own.stranger);
                                      view().own = now_hold;
                                      view().own.stranger = std::move(stranger);
                                      if (!ending_) call(functions_.on_conditions);
                                    },
                                    [this, call](wind_down) {
                                      if (view_) call(functions_.on_wind_down);
                                    },
                                    [this, call](hand_over_now) {
                                      if (view_ && !ending_) call(functions_.on_hand_over);
                                    },
                                    [this](const address_told& told) {
                                      if (view_ && !ending_ && functions_.on_address)
                                        functions_.on_address(told.event);
                                    },
                                    [this](const peer_refused& told) {
                                      if (view_ && !ending_) refused(told.node);
                                    }},
               [](const frame&) {});  // for a role that has ended, or is yet to come
}

}  // namespace us::active_passive
