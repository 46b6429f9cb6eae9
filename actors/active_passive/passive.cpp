#include "actors/active_passive/passive.hpp"

#include <algorithm>
#include <chrono>

namespace us::active_passive {

namespace {

std::string ms_text(duration length) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(length).count()) +
         " ms";
}

/// The active as this node last knew it, heard lately or not.
const std::pair<const node_id, peer_view>* last_active(group_view& view) {
  const std::pair<const node_id, peer_view>* newest = nullptr;
  for (const auto& peer : view.peers)
    if (peer.second.duty == message::Duty::ACTIVE && peer.second.heard &&
        (newest == nullptr || *peer.second.heard > *newest->second.heard))
      newest = &peer;
  return newest;
}

/// When one that said goodbye while active, or was refused, did so.
std::optional<time_point> gone_at(group_view& view) {
  std::optional<time_point> newest;
  for (const auto& [node, peer] : view.peers)
    if (peer.gone && (!newest || *peer.gone > *newest)) newest = peer.gone;
  return newest;
}

/// While one that comes before this node is about to take over, until it is given up or silent.
time_point others_turn_until(passive_actor* self) {
  const rules::contender own{self->group().priority, self->node().id};
  time_point until{};
  for (const auto& [node, peer] : self->view().peers)
    if (peer.duty == message::Duty::CLAIMING && peer.heard && !peer.gone &&
        rules::rank(own, {{peer.priority, node}}) == 1)
      until = std::max(until, *peer.heard + self->timing().silence());
  return until;
}

time_point takeover_at(passive_actor* self) {
  auto& view = self->view();
  rules::watched known{view.listening_since, std::nullopt, std::nullopt};
  if (const auto* active = last_active(view)) {
    known.active_heard = active->second.heard;
    known.active_gone = active->second.gone;
  } else if (const auto gone = gone_at(view); gone && *gone > view.listening_since) {
    known.active_gone = gone;
  } else if (!self->group().chosen_by.empty() && view.let_go > view.listening_since) {
    known.active_gone = view.let_go;  // only this node may stand: there is nobody to leave time to
  }
  return std::max({rules::takeover_at(known, self->patience(), self->own_rank()), view.claims_from,
                   others_turn_until(self)});
}

void look(passive_actor* self);

void look_again(passive_actor* self) {
  if (!self->view().own.choice.here) return;
  const auto number = ++self->state.looks;
  // While another is heard or a probe is out, no time by itself is the right one.
  const bool blocked = !self->heard_active().none() || self->state.probing;
  const auto least = blocked ? self->timing().heartbeat : duration{0};
  self->after(std::max(takeover_at(self) - self->now(), least), [self, number] {
    if (!self->ending() && self->state.looks == number) look(self);
  });
}

void take_over(passive_actor* self) {
  const auto* active = last_active(self->view());
  term with;
  std::string why = "nobody is active";
  if (active != nullptr) {
    const auto& [node, peer] = *active;
    const auto& name = self->node().name_of(node);
    with.former = node;
    why = peer.gone ? name + " is gone"
                    : name + " was not heard for " + ms_text(self->now() - *peer.heard);
  }
  self->retire(role::claimant, self->reason(why), with);
}

void look(passive_actor* self) {
  if (!self->view().own.choice.here) return;
  if (!self->heard_active().none() || self->state.probing || self->now() < takeover_at(self))
    return look_again(self);
  take_over(self);
}

/// Asks the active to hand over when this node is preferred and has been so for long enough.
void ask_for_it(passive_actor* self) {
  auto& s = self->state;
  const auto& timing = self->timing();
  const auto now = self->now();
  const auto active = self->heard_active();
  if (!self->group().preempt || active.none() || !self->view().own.choice.here) return;
  const auto& peer = self->view().peers[active];
  if (peer.priority >= self->group().priority || self->view().flaps.damped(now)) return;
  const auto since = std::max(s.began, peer.active_since.value_or(now));
  if (now - since < timing.preempt_delay || now - s.asked < timing.silence()) return;
  s.asked = now;
  self->send_to<message::HandOverRequest>(active, self->view().newest, [](auto) {});
}

void on_tick(passive_actor* self, duration late) {
  if (late > duration{0}) {
    // What it did not hear, it may not have been able to hear.
    self->view().listening_since = self->now();
    look_again(self);
  }
  ask_for_it(self);
}

void on_beat(passive_actor* self, node_id from, const peer_view& peer) {
  if (peer.duty == message::Duty::ACTIVE && !peer.gone) {
    self->report_overlap(from, peer);
    // When it lets go in order, its successor has this long before others claim too.
    self->view().listening_since = self->now();
  }
  look_again(self);
}

void on_hand_over(passive_actor* self, bool in_order, const us::sender& from) {
  if (!self->node().is_member(from.node) || from.epoch <= self->view().newest) return;
  if (!self->view().own.choice.here) return;
  self->view().former.learn({from.node, from.epoch.previous(), in_order});
  term with;
  with.epoch = from.epoch;
  with.handed_over = true;
  with.former = from.node;
  self->retire(role::claimant, self->reason(self->node().name_of(from.node) + " hands over"), with);
}

/// Somebody who has the addresses and is no member: taking them would only make two.
void probe_first(passive_actor* self) {
  if (std::exchange(self->view().probed, true)) return;
  self->state.probing = true;
  self->owner().probe(self->patience().silence(), self->handle(), [self](const auto& found) {
    if (self->ending()) return;
    self->state.probing = false;
    for (const auto& who : found) {
      if (self->view().is_member(who)) continue;
      auto& own = self->view().own;
      own.stranger = "the address is in use by a stranger, " + us::to_string(who);
      return self->retire(role::aside, own.stranger);
    }
    look(self);
  });
}

}  // namespace

caf::behavior passive(passive_actor* self) {
  self->state.began = self->now();
  self->view().listening_since = std::max(self->view().listening_since, self->now());
  const auto check = [self] {
    if (const auto problem = self->view().own.problem(); !problem.empty())
      self->retire(role::aside, problem);
  };
  dispatch_table table{{on<message::HandOver>([self](auto hand_over, const us::sender& from) {
    if (!self->ending()) on_hand_over(self, hand_over.getInOrder(), from);
  })}};
  auto behavior = self->serve_role(
      {.on_beat = [self](node_id from, const peer_view& peer) { on_beat(self, from, peer); },
       .on_tick = [self](duration late) { on_tick(self, late); },
       .on_conditions =
           [self, check] {
             check();
             if (self->ending()) return;
             if (!self->group().chosen_by.empty()) self->beat();  // it may be the one now
             look_again(self);
           },
       .on_wind_down =
           [self] {
             self->beat(true);
             self->retire(role::aside, "the node stops");
           },
       .on_hand_over = {},
       .on_address = {}},
      std::move(table));
  check();
  if (self->ending()) return behavior;
  probe_first(self);
  look_again(self);
  return behavior;
}

}  // namespace us::active_passive
