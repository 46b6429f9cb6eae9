#pragma once
/// The records of one partition as a replica keeps them: key -> bytes. What is in it is
/// committed; who executes requests ahead of commit looks through an overlay.
///
/// It is changed by whole entries of the change log, which is what can be relied on after a crash:
/// a state that lies on a disk (stored_records.hpp) holds there what it held after some entry.
/// Keys are spread over slots by hash: a key never changes its slot, so a scan by slots
/// sees every record that is there during the whole scan, whatever is written meanwhile.
/// Not thread-safe: owned by one replica's store. Errors: state_failure, thrown when the disk
/// below fails or holds damaged records; then the replica has to be opened anew. But disk_full of
/// apply(): nothing has changed, and the same may be applied once ready() says so.

#include "messages/ids.hpp"
#include "runtime/error.hpp"
#include "runtime/state/record_bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace us {

class stored_records;

enum class change_kind : unsigned char { put, erased, cleared };

/// `cleared`: every record; it has neither key nor value.
struct state_change {
  change_kind kind = change_kind::put;
  std::string_view key;
  std::string_view value;
};

struct entry_id {
  log_index index;
  us::epoch epoch;
  friend constexpr bool operator==(const entry_id&, const entry_id&) = default;
};

class state_failure : public std::runtime_error {
 public:
  explicit state_failure(failure why) : std::runtime_error(why.text), why_(std::move(why)) {}
  const failure& why() const { return why_; }

 private:
  failure why_;
};

class state {
 public:
  static constexpr std::uint32_t slots = 16384;
  static std::uint32_t slot_of(std::string_view key);

  virtual ~state() = default;
  virtual record_bytes get(std::string_view key) const = 0;
  /// What one entry changes, in order. The changes may be views of this state's own bytes.
  virtual void apply(std::span<const state_change> changes, const entry_id& of) = 0;
  /// The entry applied last.
  virtual entry_id applied() const = 0;
  /// Whether the next entry may be applied. A state on a disk writes what it has in memory only
  /// once the log has synced all of that, and says no while it waits for it. `synced`: up to which
  /// entry the log is.
  virtual bool ready(log_index synced) {
    (void)synced;
    return true;
  }
  virtual std::uint64_t size() const = 0;
  /// Values are 8-byte aligned. `f` must not change the state.
  virtual void each_in_slot(
      std::uint32_t slot,
      const std::function<void(std::string_view key, std::string_view value)>& f) const = 0;
  /// The first slot at or after `slot` that may have records; `slots` if none has. So that who
  /// wants all records of a small state need not ask for every slot.
  virtual std::uint32_t next_used(std::uint32_t slot) const { return slot; }
  /// Null: it lies in memory only, and is made again from a snapshot and the log.
  virtual stored_records* stored() { return nullptr; }
};

}  // namespace us
