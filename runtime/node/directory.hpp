#pragma once
/// The actors of one node that frames can be addressed to, by actor_key. Thread-safe.

#include "messages/frame.hpp"

#include <caf/actor.hpp>

#include <mutex>
#include <unordered_map>

namespace us {

class directory {
 public:
  /// Replaces what was there under the key.
  void add(actor_key key, caf::actor who);
  /// Removes the key if it still names `who`.
  void remove(actor_key key, const caf::actor& who);
  caf::actor find(actor_key key) const;
  /// Hands the frame to the actor it is addressed to. False: there is none (counted by
  /// the caller).
  bool deliver(const frame& f) const;

 private:
  mutable std::mutex mutex_;  // held for a look-up only; cheaper than a shared one
  std::unordered_map<actor_key, caf::actor> actors_;
};

}  // namespace us
