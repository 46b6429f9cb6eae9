#include "runtime/live/live_address_owner.hpp"

#include "runtime/task.hpp"

#include <caf/send.hpp>

#include <utility>

namespace us {

namespace {

/// `then` in the receiver's context, with a copy of what the worker found.
template <class Function>
auto answer_to(caf::actor receiver, Function then) {
  return [receiver = std::move(receiver), then = std::move(then)](auto found) {
    if (receiver) caf::anon_send(receiver, task{[then, found = std::move(found)] { then(found); }});
  };
}

}  // namespace

result<std::shared_ptr<live_address_owner>> live_address_owner::open(address_owner_setup setup,
                                                                     std::vector<ip_prefix>& left) {
  auto worker = address_worker::open(std::move(setup), left);
  if (!worker) return worker.error();
  return std::shared_ptr<live_address_owner>{new live_address_owner{std::move(*worker)}};
}

void live_address_owner::watch(caf::actor watcher, watch_function f) {
  if (!watcher) return worker_->watch({});
  worker_->watch(answer_to(std::move(watcher), std::move(f)));
}

void live_address_owner::assume(time_point until, caf::actor receiver, answer then) {
  worker_->assume(until, answer_to(std::move(receiver), std::move(then)));
}

void live_address_owner::hold_until(time_point until) {
  worker_->hold_until(until);
}

void live_address_owner::release(caf::actor receiver, answer then) {
  worker_->release(answer_to(std::move(receiver), std::move(then)));
}

void live_address_owner::announce() {
  worker_->announce();
}

void live_address_owner::probe(duration wait, caf::actor receiver, probe_answer then) {
  worker_->probe(wait, answer_to(std::move(receiver), std::move(then)));
}

const std::vector<ip_prefix>& live_address_owner::addresses() const {
  return worker_->setup().addresses;
}

hardware_address live_address_owner::hardware() const {
  return worker_->interface().hardware;
}

bool live_address_owner::link_up() const {
  return worker_->link_up();
}

}  // namespace us
