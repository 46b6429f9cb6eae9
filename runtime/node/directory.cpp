#include "runtime/node/directory.hpp"

#include "runtime/task.hpp"

#include <caf/send.hpp>

#include <utility>

namespace us {

void directory::add(actor_key key, caf::actor who) {
  // The former one is let go after the lock: ending, it may look itself up here.
  caf::actor former;
  std::lock_guard lock{mutex_};
  former = std::exchange(actors_[key], std::move(who));
}

void directory::remove(actor_key key, const caf::actor& who) {
  std::lock_guard lock{mutex_};
  auto at = actors_.find(key);
  if (at != actors_.end() && at->second == who) actors_.erase(at);
}

caf::actor directory::find(actor_key key) const {
  std::lock_guard lock{mutex_};
  auto at = actors_.find(key);
  return at == actors_.end() ? caf::actor{} : at->second;
}

bool directory::deliver(const frame& f) const {
  auto who = find(f.head().to);
  if (!who) return false;
  caf::anon_send(who, f);
  return true;
}

}  // namespace us
