#pragma once
/// What a state that lies on a disk offers beside its records: to be written out, so that a
/// snapshot need not hold the records too, and to be read off its owner's thread.
///
/// Invariant: what is on the disk is what the state was after one entry, and the log has synced
/// that entry (state::ready).

#include "messages/ids.hpp"
#include "runtime/error.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace us {

/// Which records belong to a snapshot that has none: an engine's name, and the number that it gave
/// them when they were made.
struct store_name {
  std::string engine;
  std::uint64_t number = 0;  ///< never 0
  friend bool operator==(const store_name&, const store_name&) = default;
};

/// All records as they were at one moment. Used by one thread at a time, any.
class record_cursor {
 public:
  virtual ~record_cursor() = default;
  /// Calls each(key, value) for the next ones, by slot, until they hold `bytes_max`; false: there
  /// are no more. Errors: wrong_owner once the state is gone; corrupted; what the disk reports.
  virtual result<bool> read(
      std::size_t bytes_max,
      const std::function<void(std::string_view key, std::string_view value)>& each) = 0;
};

class stored_records {
 public:
  virtual ~stored_records() = default;
  virtual const store_name& name() const = 0;
  /// Asks for everything that is applied now to be written out, as soon as state::ready may.
  virtual void write_out() = 0;
  /// The entry up to which everything is durable; or why it never will be.
  virtual result<log_index> written() = 0;
  /// Writes everything out, blocking: for a job that alone has the state.
  virtual status settle() = 0;
  virtual std::unique_ptr<record_cursor> cursor() = 0;
};

}  // namespace us
