#pragma once
/// The singleton of docs/singleton.md: a desk that gives each ticket once, as long as it lives.

#include "actors/singleton/singleton.hpp"

#include "tests/singleton/tickets.capnp.h"

namespace us::test {

struct desk_numbers {
  std::uint64_t last = 0;
};

inline caf::behavior desk(singleton_actor<desk_numbers>* self) {
  return self->serve_requests(
      {answers<Take, Ticket>([self](Take::Reader take, Ticket::Builder ticket) {
        ticket.setRequest(take.getRequest());
        ticket.setNumber(++self->state.last);
        ticket.setNode(self->node().name);
        ticket.setEpoch(self->started().epoch.value);
      })});
}

inline singleton tickets() {
  return make_singleton<desk_numbers>("tickets", desk).offers<Take, Ticket>();
}

}  // namespace us::test
