#include "actors/singleton/instance_owner.hpp"

#include <caf/send.hpp>

#include <utility>

namespace us::singletons {

instance_owner::instance_owner(host* of) : host_(of), actor_(of->handle()) {}

template <class F>
void instance_owner::order(F f) {
  caf::anon_send(actor_, task{[host = host_, f = std::move(f)] { f(*host); }});
}

void instance_owner::begin_term(const active_passive::term_start& term) {
  order([term](host& h) { h.begin_term(term); });
}

void instance_owner::watch(caf::actor watcher, watch_function f) {
  order([watcher = std::move(watcher), f = std::move(f)](host& h) { h.watch(watcher, f); });
}

void instance_owner::assume(time_point until, caf::actor receiver, answer then) {
  tenure_ = std::make_shared<tenure>(until);
  order([with = tenure_, to = host::answer_to{std::move(receiver), std::move(then)}](host& h) {
    h.assume(with, to);
  });
}

void instance_owner::hold_until(time_point until) {
  if (tenure_) tenure_->extend(until);
}

/// Nobody waits for the answer: whoever held it is gone.
void instance_owner::release(caf::actor receiver, answer then) {
  const bool at_once = !receiver;
  order([at_once, to = host::answer_to{std::move(receiver), std::move(then)}](host& h) {
    h.release(at_once, to);
  });
}

void instance_owner::probe(duration, caf::actor receiver, probe_answer then) {
  caf::anon_send(receiver, task{[then = std::move(then)] { then({}); }});
}

}  // namespace us::singletons
