#pragma once
/// The living children of one supervisor, by name. Thread-safe: the supervisor writes it,
/// anyone reads. A handle may be of an actor that has just ended.

#include <caf/actor.hpp>

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace us {

/// Ends an actor at once, before anything else in its mailbox. It cannot refuse.
void kill_now(const caf::actor& who);

class child_registry {
 public:
  /// The current actor of a child; null while it is down, or when there is no such child.
  caf::actor find(std::string_view name) const;
  /// How often a child was started, the first time included.
  std::uint64_t starts(std::string_view name) const;

  void set(std::string_view name, caf::actor who);
  void clear(std::string_view name);
  /// Ends every living child at once.
  void kill_all();

 private:
  struct entry {
    caf::actor who;
    std::uint64_t starts = 0;
  };
  mutable std::mutex mutex_;
  std::map<std::string, entry, std::less<>> children_;
};

}  // namespace us
