#include "runtime/node/directory.hpp"

#include "runtime/task.hpp"

#include <caf/send.hpp>

#include <utility>

namespace us {

// An actor that is let go may end, and look itself up here: so that is done after the lock.

void directory::add(actor_key key, caf::actor who) {
  entry former;
  std::lock_guard lock{mutex_};
  former = std::exchange(actors_[key], {std::move(who), {}});
}

void directory::remove(actor_key key, const caf::actor& who) {
  entry former;
  std::lock_guard lock{mutex_};
  auto at = actors_.find(key);
  if (at == actors_.end() || at->second.listed != who) return;
  former = std::move(at->second);
  actors_.erase(at);
}

caf::actor directory::find(actor_key key) const {
  std::lock_guard lock{mutex_};
  auto at = actors_.find(key);
  return at == actors_.end() ? caf::actor{} : at->second.listed;
}

void directory::divert(actor_key key, caf::actor who) {
  caf::actor former;
  std::lock_guard lock{mutex_};
  auto at = actors_.find(key);
  if (at != actors_.end()) former = std::exchange(at->second.receiver, std::move(who));
}

void directory::restore(actor_key key, const caf::actor& who) {
  caf::actor former;
  std::lock_guard lock{mutex_};
  auto at = actors_.find(key);
  if (at != actors_.end() && at->second.receiver == who)
    former = std::exchange(at->second.receiver, {});
}

bool directory::deliver(const frame& f) const {
  caf::actor who;
  {
    std::lock_guard lock{mutex_};
    auto at = actors_.find(f.head().to);
    if (at == actors_.end()) return false;
    who = at->second.receiver ? at->second.receiver : at->second.listed;
  }
  caf::anon_send(who, f);
  return true;
}

}  // namespace us
