#include "runtime/node/directory.hpp"

#include "runtime/task.hpp"

#include <caf/send.hpp>

#include <mutex>

namespace us {

void directory::add(actor_key key, caf::actor who) {
  std::unique_lock lock{mutex_};
  actors_[key] = std::move(who);
}

void directory::remove(actor_key key, const caf::actor& who) {
  std::unique_lock lock{mutex_};
  auto at = actors_.find(key);
  if (at != actors_.end() && at->second == who) actors_.erase(at);
}

caf::actor directory::find(actor_key key) const {
  std::shared_lock lock{mutex_};
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
