#pragma once
/// What a change log knows of its entries without the disk: epochs, and where each lies.
///
/// Compact: four bytes an entry (its offset); epochs and segments are kept as runs. Epochs are
/// known as soon as an entry is appended, places once its group is put together.
/// Invariants: indices are contiguous; epochs never decrease; a segment's offsets grow.

#include "messages/ids.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace us {

class entry_epochs {
 public:
  /// Empties it: the next entry comes after `before`, whose epoch is `epoch`.
  void reset(log_index before, us::epoch epoch);
  void push(us::epoch epoch);
  /// `last` below the first entry resets it to begin after `last` with `epoch_of_last`.
  void truncate_after(log_index last, us::epoch epoch_of_last);

  /// Forgets entries up to `index`, which is in [first() - 1, last()].
  void forget_until(log_index index);

  log_index first() const { return before_.next(); }
  log_index last() const { return last_; }
  us::epoch last_epoch() const { return runs_.empty() ? before_epoch_ : runs_.back().epoch; }
  /// nullopt outside [first() - 1, last()].
  std::optional<us::epoch> at(log_index index) const;

 private:
  struct run {
    log_index first;
    us::epoch epoch;
  };
  log_index before_;
  us::epoch before_epoch_;
  log_index last_;
  std::vector<run> runs_;
};

struct entry_place {
  std::uint64_t segment = 0;  ///< number
  std::uint64_t offset = 0;   ///< bytes
};

class entry_places {
 public:
  void reset(log_index before);
  void push(const entry_place& place);
  void truncate_after(log_index last);
  void forget_until(log_index index);

  log_index first() const { return before_.next(); }
  log_index last() const { return {before_.value + offsets_.size()}; }
  /// The first entry that lies in a segment after `segment`; last().next() when there is none.
  log_index first_after(std::uint64_t segment) const;
  /// Precondition: the index is in it.
  entry_place at(log_index index) const;
  /// Offsets of the entries from `first` on that lie in its segment, while the distance to the
  /// first is below `bytes_max`; at least one.
  std::vector<std::uint64_t> neighbours(log_index first, std::uint64_t bytes_max) const;

 private:
  struct run {
    log_index first;
    std::uint64_t segment;
  };
  std::vector<run>::const_iterator run_of(log_index index) const;
  std::uint64_t offset_of(log_index index) const;

  log_index before_;
  std::deque<std::uint32_t> offsets_;  // in units of 8 bytes
  std::vector<run> runs_;
};

}  // namespace us
