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
  /// Frames for the key go to `who` from now on, past the actor that is listed. Nothing is changed
  /// if none is.
  void divert(actor_key key, caf::actor who);
  /// Ends that, if they still go to `who`.
  void restore(actor_key key, const caf::actor& who);
  /// Hands the frame to the actor it is addressed to, or to whom that is diverted. False: there is
  /// none (counted by the caller).
  bool deliver(const frame& f) const;

 private:
  struct entry {
    caf::actor listed;
    caf::actor receiver;  ///< of frames; none: the one that is listed
  };

  mutable std::mutex mutex_;  // held for a look-up only; cheaper than a shared one
  std::unordered_map<actor_key, entry> actors_;
};

}  // namespace us
