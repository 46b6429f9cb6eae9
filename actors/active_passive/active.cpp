#include "actors/active_passive/active.hpp"

#include "actors/active_passive/claimant.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace us::active_passive {

namespace {

using std::chrono::milliseconds;

/// Neighbours may miss one; a switch that has just come up again misses all for a while; and as
/// long as the machine of an active that died answers for the address, too, those that ask may
/// learn that one.
constexpr std::array<milliseconds, 2> announce_after{milliseconds{10}, milliseconds{100}};
constexpr milliseconds announce_often_every{250};
constexpr milliseconds announce_often_for{5000};

void announce_after_a_while(active_actor* self, std::uint64_t series, milliseconds delay) {
  self->after(delay, [self, series] {
    if (!self->ending() && self->state.announcements == series) self->owner().announce();
  });
}

void announce_series(active_actor* self) {
  self->owner().announce();
  const auto series = ++self->state.announcements;
  for (const auto delay : announce_after) announce_after_a_while(self, series, delay);
  for (auto delay = announce_often_every; delay <= announce_often_for;
       delay += announce_often_every)
    announce_after_a_while(self, series, delay);
}

void announce_for_ever(active_actor* self) {
  self->after(self->timing().announce_every, [self] {
    if (self->ending()) return;
    self->owner().announce();
    announce_for_ever(self);
  });
}

/// A condition of this node, rather than somebody's wish, ends it.
bool failed(active_actor* self) {
  const auto& own = self->view().own;
  return !own.failing.empty() || !own.link_down.empty();
}

/// The addresses off, then the next role. Says so to the others at once: they need not wait.
/// `planned`: it has time, and goes on renewing meanwhile.
void let_go(active_actor* self, role next, std::string why, bool planned = false) {
  if (self->ending() || self->state.draining) return;
  if (planned)
    self->state.draining = true;
  else
    self->begin_ending();
  self->owner().release(
      self->handle(), [self, next, planned, why = std::move(why)](const status& how) {
        auto& view = self->view();
        if (how && planned) view.former.in_order = !failed(self);
        view.last = past_term{self->epoch(), self->state.began, self->now()};
        // Who still has them must not let others believe that they are free.
        if (!how)
          self->log_event(self->node().name + " cannot let go of the address: " + how.error().text);
        else if (self->state.tally)
          self->broadcast<message::LeaseRelease>(
              self->epoch(), [](auto) {}, true);
        for (const auto& [node, peer] : view.peers)
          if (peer.duty == message::Duty::ACTIVE && peer.epoch >= self->epoch() && !peer.gone &&
              self->state.successor != node)
            self->report_overlap(node, peer);
        if (!self->state.successor.none() && view.last) view.last.reset();
        if (self->state.stopping || next == role::aside || !view.own.choice.here) self->beat(true);
        self->retire(next, why);
      });
}

/// Both at once would be two; who was not scheduled in time has lost it. Before anything else.
/// One that drains waits for its owner, which lets go by itself when the time is over.
bool overdue(active_actor* self) {
  if (self->ending() || self->state.draining) return true;
  if (self->now() < self->state.until) return false;
  let_go(self, role::passive,
         self->state.tally ? "no majority renewed the lease in time"
                           : "it was itself not scheduled in time");
  return true;
}

void hold_until(active_actor* self, time_point until) {
  auto& s = self->state;
  if (until <= s.until) return;
  s.until = until;
  self->owner().hold_until(until);
}

/// Safety "heartbeat": as long as the others would wait; longer when nobody is there to take over.
time_point heartbeat_hold(active_actor* self) {
  const auto silence = self->timing().silence();
  const bool alone =
      self->group().chosen_by.empty() && self->view().contenders(self->now(), silence * 10).empty();
  return self->now() + silence * (alone ? 10 : 1);
}

void give_to(active_actor* self, node_id successor, role next, const std::string& why) {
  auto& s = self->state;
  s.successor = successor;
  s.leaving_why = why;
  // By value: with a lease it is called after the addresses have gone.
  const auto tell = [self, successor](bool released) {
    const auto epoch = self->view().newest.next();
    self->send_to<message::HandOver>(successor, epoch, [&](message::HandOver::Builder hand_over) {
      hand_over.setReleased(released);
      hand_over.setInOrder(!failed(self));
    });
  };
  if (s.tally || self->group().release_first) {
    // Never two: the addresses go before the other may have them.
    s.draining = true;
    self->owner().release(self->handle(), [self, next, why, tell](const status& how) {
      if (how) {
        self->view().former.in_order = !failed(self);
        if (self->state.tally)
          self->broadcast<message::LeaseRelease>(
              self->epoch(), [](auto) {}, true);
        tell(true);
      }
      self->view().last.reset();
      if (self->state.stopping || next == role::aside) self->beat(true);
      self->retire(next, why);
    });
    return;
  }
  // The successor's first beat as active ends this one; until then it goes on answering.
  tell(false);
  const auto number = ++s.hand_overs;
  self->after(self->timing().silence(), [self, number, next, why] {
    if (self->ending() || self->state.hand_overs != number) return;
    self->state.successor = {};
    if (self->state.stopping || next == role::aside) let_go(self, next, why, true);
  });
}

/// To the best that can take over; without one the addresses just go.
void leave(active_actor* self, role next, const std::string& why) {
  if (self->ending() || self->state.draining || !self->state.successor.none()) return;
  const auto successor = self->successor();
  if (successor.none()) return let_go(self, next, why, true);
  give_to(self, successor, next, why);
}

void on_hand_over_request(active_actor* self, const us::sender& from) {
  if (overdue(self) || !self->state.successor.none() || !self->node().is_member(from.node)) return;
  const auto& peer = self->view().peers[from.node];
  if (peer.duty != message::Duty::PASSIVE || peer.priority <= self->group().priority) return;
  give_to(self, from.node, role::passive, self->node().name_of(from.node) + " is preferred");
}

/// While it drains: another's newer claim leaves it only the time that it has.
void hurry(active_actor* self, node_id from, const peer_view& peer) {
  const rules::claim own{self->epoch(), self->group().priority, self->node().id};
  if (peer.duty == message::Duty::ACTIVE && !peer.gone &&
      rules::outranks({peer.epoch, peer.priority, from}, own))
    self->begin_ending();
}

void check(active_actor* self) {
  const auto& own = self->view().own;
  if (const auto problem = own.problem(); !problem.empty())
    return leave(self, role::aside, problem);
  if (!own.choice.here) leave(self, role::passive, own.choice.why);
}

std::string name_of_former(active_actor* self) {
  return self->node().name_of(self->view().former.node);
}

void on_beat(active_actor* self, node_id from, const peer_view& peer) {
  auto& s = self->state;
  if (s.draining) return hurry(self, from, peer);
  if (overdue(self)) return;
  // Possible when a majority has forgotten what it promised: disks were lost.
  if (self->view().former.epoch > self->epoch() && peer.duty != message::Duty::ACTIVE)
    return let_go(self, role::passive, name_of_former(self) + " was active with a newer epoch");
  if (peer.duty != message::Duty::ACTIVE || peer.gone) {
    if (s.rival != from) return;
    // It has let go: whoever learned that the address is there must learn anew.
    s.rival = {};
    announce_series(self);
    return;
  }
  const rules::claim own{self->epoch(), self->group().priority, self->node().id};
  const auto& name = self->node().name_of(from);
  if (rules::outranks({peer.epoch, peer.priority, from}, own)) {
    const auto problem = self->view().own.problem();
    const bool planned = s.successor == from;
    return let_go(self, problem.empty() ? role::passive : role::aside,
                  planned ? s.leaving_why : name + " is active with a newer claim");
  }
  if (std::exchange(s.rival, from) != from)
    self->log_event(name + " is active too, with a lesser claim than " + self->node().name +
                    ", epoch " + to_string(self->epoch()));
  self->beat_to(from);
  self->owner().announce();
}

void on_tick(active_actor* self) {
  auto& s = self->state;
  if (s.draining ? self->now() >= s.until : overdue(self)) return;
  if (s.tally) return ask_for_lease(self, *s.tally);
  hold_until(self, heartbeat_hold(self));
}

void on_lease_answer(active_actor* self, message::LeaseAnswer::Reader answer,
                     const us::sender& from) {
  auto& s = self->state;
  if (s.draining ? self->now() >= s.until : overdue(self)) return;
  if (!s.tally || from.epoch != self->epoch() || !answer.getGranted()) return;
  if (self->node().is_member(from.node) && s.tally->granted(answer.getRound(), from.node))
    hold_until(self, s.tally->held_until());
}

void assume(active_actor* self);

void on_address(active_actor* self, const address_event& event) {
  switch (event.kind) {
    case address_event_kind::expired: return let_go(self, role::passive, event.why);
    case address_event_kind::taken:
      self->log_event(event.why + "; " + self->node().name + " adds it again");
      return assume(self);
    case address_event_kind::duplicate: {
      if (self->view().is_member(event.who)) return;
      self->node()
          .metrics
          ->make_counter("understudy_vip_duplicates_total",
                         "A stranger said that it has the address", {{"group", self->group().name}})
          .add();
      self->log_event("duplicate address: " + event.why + ", which is no member; " +
                      self->node().name + " announces it again");
      return self->owner().announce();
    }
    case address_event_kind::link_down:
    case address_event_kind::link_up: return;  // the seat makes a condition of it
  }
}

void assume(active_actor* self) {
  self->owner().assume(self->state.until, self->handle(), [self](const status& how) {
    if (self->ending() || how) return;
    self->view().claims_from = self->now() + std::chrono::seconds{1};
    let_go(self, role::passive, how.error().text);
  });
}

}  // namespace

caf::behavior active(active_actor* self) {
  auto& s = self->state;
  s.began = self->now();
  self->set_epoch(self->term().epoch);
  self->active_since(s.began);
  self->view().flaps.became_active(s.began);
  self->view().last.reset();
  if (self->group().safety == safety::lease) {
    s.tally = new_tally(self);
    s.until = self->term().held_until;
  } else {
    s.until = heartbeat_hold(self);
  }
  if (self->group().on_term) self->group().on_term({self->epoch(), self->view().former});
  self->view().former = {self->node().id, self->epoch(), false};
  assume(self);
  dispatch_table table{{on<message::HandOverRequest>([self](auto, const us::sender& from) {
                          on_hand_over_request(self, from);
                        }),
                        on<message::LeaseAnswer>(
                            [self](message::LeaseAnswer::Reader answer, const us::sender& from) {
                              on_lease_answer(self, answer, from);
                            })}};
  auto behavior = self->serve_role(
      {.on_beat = [self](node_id from, const peer_view& peer) { on_beat(self, from, peer); },
       .on_tick = [self](duration) { on_tick(self); },
       .on_conditions = [self] { check(self); },
       .on_wind_down =
           [self] {
             self->state.stopping = true;
             leave(self, role::aside, "the node stops");
           },
       .on_hand_over =
           [self] {
             if (self->successor().none())
               return self->log_event("nobody can take over from " + self->node().name);
             leave(self, role::passive, "an operator asked for it");
           },
       .on_address = [self](const address_event& event) { on_address(self, event); }},
      std::move(table));
  announce_series(self);
  announce_for_ever(self);
  check(self);
  return behavior;
}

}  // namespace us::active_passive
