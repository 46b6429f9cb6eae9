#pragma once
/// Which epoch each committed entry is of, as runs, also for entries that the log has let go of. It
/// tells whether an entry that a replica has to give up is one that the group has committed. Pure.
///
/// Part of a replica's state: made by applying entries, and in its snapshots. Bounded: of more runs
/// than `runs_max` the oldest are forgotten.
/// Source: Kafka's leader epoch cache (KIP-101).

#include "messages/ids.hpp"

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace us {

class epoch_history {
 public:
  explicit epoch_history(std::size_t runs_max = 4096) : runs_max_(runs_max) {}

  /// The next committed entry.
  void note(us::epoch epoch, log_index index);
  /// nullopt: it is not committed yet, or forgotten.
  std::optional<us::epoch> at(log_index index) const;

  // -- in a snapshot
  void save(std::string& to) const;
  /// Takes over what save() wrote; false: the bytes are not well formed.
  [[nodiscard]] bool load(std::string_view from);

 private:
  struct run {
    log_index first;
    us::epoch epoch;
  };
  std::size_t runs_max_;
  std::deque<run> runs_;
  log_index last_;
};

}  // namespace us
