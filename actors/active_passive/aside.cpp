#include "actors/active_passive/aside.hpp"

#include <algorithm>
#include <chrono>

namespace us::active_passive {

namespace {

constexpr std::chrono::seconds probe_again{2};
constexpr std::chrono::milliseconds probe_wait{200};

void check(aside_actor* self) {
  if (self->ending() || !self->view().own.problem().empty()) return;
  self->retire(role::passive, "nothing is wrong any more");
}

void probe_later(aside_actor* self) {
  if (self->view().own.stranger.empty()) return;
  self->after(probe_again, [self] {
    if (self->ending()) return;
    self->owner().probe(probe_wait, self->handle(), [self](const auto& found) {
      if (self->ending()) return;
      const auto& view = self->view();
      if (std::none_of(found.begin(), found.end(),
                       [&view](const auto& who) { return !view.is_member(who); })) {
        self->view().own.stranger.clear();
        return check(self);
      }
      probe_later(self);
    });
  });
}

}  // namespace

caf::behavior aside(aside_actor* self) {
  auto behavior = self->serve_role({.on_beat =
                                        [self](node_id from, const peer_view& peer) {
                                          if (peer.duty == message::Duty::ACTIVE && !peer.gone)
                                            self->report_overlap(from, peer);
                                        },
                                    .on_tick = {},
                                    .on_conditions = [self] { check(self); },
                                    .on_wind_down =
                                        [self] {
                                          self->beat(true);
                                          self->retire(role::passive, "the node stops");
                                        },
                                    .on_hand_over = {},
                                    .on_address = {}});
  probe_later(self);
  return behavior;
}

}  // namespace us::active_passive
