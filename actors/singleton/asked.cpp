#include "actors/singleton/asked.hpp"

#include "runtime/service/service.hpp"

#include <caf/send.hpp>

#include <utility>

namespace us {

struct asked::state {
  state(frame request, caf::actor told, std::uint64_t number)
      : opened(std::move(request)), host(std::move(told)), ticket(number) {}
  ~state() {
    const auto last = phase->exchange(asked_phase::ended);
    if (last == asked_phase::handed)
      tell({.outcome = message::SingletonOutcome::NOT_TAKEN});
    else if (last == asked_phase::begun)
      tell({message::SingletonOutcome::UNKNOWN,
            message::Reason::FAILED,
            "the instance let go of the request before it answered",
            {}});
  }
  void tell(singletons::verdict how) { caf::anon_send(host, asked_ended{ticket, std::move(how)}); }

  opened_frame opened;
  caf::actor host;
  std::uint64_t ticket;
  std::shared_ptr<std::atomic<asked_phase>> phase =
      std::make_shared<std::atomic<asked_phase>>(asked_phase::handed);
};

asked::asked(frame request, caf::actor host, std::uint64_t ticket)
    : state_(std::make_shared<state>(std::move(request), std::move(host), ticket)) {}

message::SingletonRequest::Reader asked::body() const {
  return state_->opened.body<message::SingletonRequest>();
}

std::uint64_t asked::type() const {
  return body().getType();
}

std::shared_ptr<std::atomic<asked_phase>> asked::phase() const {
  return state_->phase;
}

void asked::take_up() const {
  auto expected = asked_phase::handed;
  if (state_->phase->compare_exchange_strong(expected, asked_phase::begun)) return;
  if (expected == asked_phase::withdrawn) throw rejected{"the instance has ended"};
}

void asked::refuse(message::Reason reason, std::string text) const {
  settle({message::SingletonOutcome::REJECTED, reason, std::move(text), {}});
}

void asked::settle(singletons::verdict with) const {
  const auto last = state_->phase->exchange(asked_phase::ended);
  if (last == asked_phase::handed || last == asked_phase::begun) state_->tell(std::move(with));
}

}  // namespace us
