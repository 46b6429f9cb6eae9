#include "actors/active_passive/claimant.hpp"

#include <chrono>

namespace us::active_passive {

using std::chrono::duration_cast;
using std::chrono::microseconds;

void ask_for_lease(role_base* self, rules::lease_tally& tally) {
  const auto round = tally.ask(self->now());
  self->broadcast<message::LeaseRequest>(
      self->epoch(),
      [&](message::LeaseRequest::Builder request) {
        request.setRound(round);
        request.setLeaseMicros(
            static_cast<std::uint64_t>(duration_cast<microseconds>(self->timing().lease).count()));
      },
      true);
}

rules::lease_tally new_tally(role_base* self) {
  const auto& timing = self->timing();
  return rules::lease_tally{self->node().members.size(),
                            rules::hold_time(timing.lease, timing.drift_ppm),
                            self->node().ports.random->next() >> 2};
}

namespace {

/// Passive again; the next claim not before a while that other claimants do not share.
void give_up(claimant_actor* self, std::string why) {
  const auto silence = static_cast<std::uint64_t>(self->timing().silence().count());
  const auto wait = self->node().ports.random->between(silence / 2, silence * 2);
  self->view().claims_from = self->now() + duration{static_cast<duration::rep>(wait)};
  if (self->state.tally)
    self->broadcast<message::LeaseRelease>(
        self->epoch(), [](auto) {}, true);
  const auto problem = self->view().own.problem();
  self->retire(problem.empty() ? role::passive : role::aside, problem.empty() ? why : problem);
}

void check(claimant_actor* self) {
  const auto& own = self->view().own;
  if (!own.problem().empty() || !own.choice.here) give_up(self, own.choice.why);
}

void become_active(claimant_actor* self) {
  term with = self->term();
  with.epoch = self->epoch();
  if (self->state.tally) with.held_until = self->state.tally->held_until();
  self->retire(role::active, self->why(), with);
}

void fence(claimant_actor* self) {
  if (std::exchange(self->state.fencing, true)) return;
  const auto& t = self->term();
  if (!self->group().fence || t.handed_over || t.former.none()) return become_active(self);
  const auto& victim = self->node().name_of(t.former);
  self->log_event(self->node().name + " has " + victim + " fenced, epoch " +
                  to_string(self->epoch()));
  self->group().fence({self->group().name, victim, self->epoch(), self->why()}, self->handle(),
                      [self, victim](bool well, const std::string& why) {
                        if (self->ending()) return;
                        if (!well) return give_up(self, "fencing " + victim + " failed: " + why);
                        // It may have taken longer than the lease that was there before it.
                        if (self->state.tally && self->state.tally->held_until() <= self->now())
                          return give_up(self, "the lease ended while fencing " + victim);
                        become_active(self);
                      });
}

void on_answer(claimant_actor* self, message::LeaseAnswer::Reader answer, const us::sender& from) {
  auto& s = self->state;
  if (!s.tally || !self->node().is_member(from.node)) return;
  if (answer.getGranted()) {
    if (from.epoch == self->epoch() && s.tally->granted(answer.getRound(), from.node)) fence(self);
    return;
  }
  if (answer.getLeaseMicros() != 0)
    return give_up(self, self->node().name_of(from.node) + " has a shorter lease configured");
  if (const us::epoch promised{answer.getPromised()}; promised > self->epoch()) {
    self->view().newest = std::max(self->view().newest, promised);
    give_up(self, self->node().name_of(from.node) + " has promised a newer epoch");
  }
}

void on_tick(claimant_actor* self, duration late) {
  auto& s = self->state;
  const auto waits = self->timing().lease * 2 + self->timing().silence() * 2;
  if (late > duration{0}) return give_up(self, "it was itself not scheduled");
  if (!s.fencing && self->now() - s.began > waits)
    return give_up(self, "no majority granted the lease");
  if (s.tally) ask_for_lease(self, *s.tally);
}

void on_beat(claimant_actor* self, node_id from, const peer_view& peer) {
  if (peer.duty != message::Duty::ACTIVE || peer.gone) return;
  // The one that hands over is still active, with its old epoch.
  if (self->term().handed_over && peer.epoch < self->epoch()) return;
  give_up(self, self->node().name_of(from) + " is active");
}

}  // namespace

caf::behavior claimant(claimant_actor* self) {
  auto& s = self->state;
  s.began = self->now();
  auto& newest = self->view().newest;
  newest = std::max(newest.next(), self->term().epoch);
  self->set_epoch(newest);
  if (self->group().safety == safety::lease) s.tally = new_tally(self);
  dispatch_table table{{on<message::LeaseAnswer>(
      [self](message::LeaseAnswer::Reader answer, const us::sender& from) {
        if (!self->ending()) on_answer(self, answer, from);
      })}};
  auto behavior = self->serve_role(
      {.on_beat = [self](node_id from, const peer_view& peer) { on_beat(self, from, peer); },
       .on_tick = [self](duration late) { on_tick(self, late); },
       .on_conditions = [self] { check(self); },
       .on_wind_down =
           [self] {
             self->beat(true);
             give_up(self, "the node stops");
           },
       .on_hand_over = {},
       .on_address = {}},
      std::move(table));
  check(self);
  if (!s.tally && !self->ending()) fence(self);
  return behavior;
}

}  // namespace us::active_passive
