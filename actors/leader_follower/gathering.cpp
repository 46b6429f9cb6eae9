#include "actors/leader_follower/gathering.hpp"

#include "actors/leader_follower/replication.hpp"
#include "runtime/probe.hpp"

#include <utility>

namespace us::gathering {

namespace {

using namespace std::chrono_literals;

/// Between two requests. After a pause nothing is held back; under load the turns themselves are
/// the clock.
constexpr duration apart = 2ms;
/// What the last turn of a burst has left is sent by a timer, which is not cheap, and so not set
/// each time.
constexpr duration at_most = 4ms;
constexpr std::size_t bytes_max = 64u << 10;

bool due(leader_actor* self) {
  const auto& s = self->state;
  return s.gated.waits_for_others() || s.handing_over || s.gathered.bytes > bytes_max ||
         self->now() - s.gathered.sent_at >= apart;
}

void send_later(leader_actor* self) {
  if (std::exchange(self->state.gathered.timer, true)) return;
  self->after(at_most, [self] {
    if (self->ending()) return;
    self->state.gathered.timer = false;
    send_or_gather(self);
  });
}

}  // namespace

void send_all(leader_actor* self) {
  auto& g = self->state.gathered;
  g.released = self->log().last_index();
  g.bytes = 0;
  g.sent_at = self->now();
  replication::pump(self);
}

void send_or_gather(leader_actor* self) {
  if (self->state.gathered.released == self->log().last_index()) return;
  if (due(self)) return send_all(self);
  probe(rare::entries_gathered);
  send_later(self);
}

}  // namespace us::gathering
