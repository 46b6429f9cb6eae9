#pragma once
/// What happened in a simulated run, in order: the nodes' logs and the faults. Keeps the
/// newest entries only, so that an hour of virtual time takes no more memory than a minute.

#include "runtime/ports/clock.hpp"
#include "runtime/ports/log_sink.hpp"

#include <cstddef>
#include <deque>
#include <string>

namespace us::sim {

struct timeline_entry {
  duration at;       ///< virtual time
  std::string node;  ///< empty: the simulation itself (faults, phases)
  severity level;
  std::string what;  ///< the log's name and its fields as name=value
};

/// "   1.234567 b     event   b is leader, epoch 2"
std::string to_string(const timeline_entry& entry);

class timeline {
 public:
  explicit timeline(std::size_t entries_max = 20'000) : entries_max_(entries_max) {}

  void add(timeline_entry entry);
  const std::deque<timeline_entry>& entries() const { return entries_; }
  /// The newest entries, one a line.
  std::string text(std::size_t newest = 50) const;
  /// How many kept entries contain this text.
  std::size_t count(std::string_view text) const;

 private:
  std::size_t entries_max_;
  std::deque<timeline_entry> entries_;
};

}  // namespace us::sim
