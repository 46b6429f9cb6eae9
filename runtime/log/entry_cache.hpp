#pragma once
/// The newest entries of a change log in memory, contiguous up to the last one.
///
/// Bounded in bytes, except that entries which are not durable yet always stay: they
/// can be read from nowhere else.

#include "runtime/log/change_log.hpp"

#include <cstdint>
#include <deque>
#include <vector>

namespace us {

class entry_cache {
 public:
  explicit entry_cache(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

  void push(log_entry entry);
  void truncate_after(log_index last);
  void forget_until(log_index last);
  void clear();
  /// Forgets the oldest entries up to `durable` until the bound holds.
  void trim(log_index durable);

  /// See change_log::cached.
  std::vector<log_entry> from(log_index first, std::size_t bytes_max) const;
  bool has(log_index index) const;

 private:
  std::uint64_t bytes_max_;
  std::uint64_t bytes_ = 0;
  std::deque<log_entry> entries_;
};

}  // namespace us
