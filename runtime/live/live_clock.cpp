#include "runtime/live/live_clock.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <caf/send.hpp>

namespace us {

time_point live_clock::now() const {
  return std::chrono::time_point_cast<duration>(std::chrono::steady_clock::now());
}

std::int64_t wall_clock_ms() {
  auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count();
}

std::int64_t live_clock::wall_ms() const {
  return wall_clock_ms();
}

void live_clock::after(duration delay, caf::actor receiver, task work) {
  if (delay <= duration::zero()) {
    caf::anon_send(receiver, std::move(work));
    return;
  }
  auto& timers = system_.scheduler().clock();
  timers.schedule_message(
      timers.now() + delay, caf::actor_cast<caf::strong_actor_ptr>(receiver),
      caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::move(work)));
}

}  // namespace us
