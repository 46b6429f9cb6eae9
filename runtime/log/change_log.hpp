#pragma once
/// The change log of one replica: entries by index, and the vote, on disk.
///
/// Owned by one role at a time and used only from its context (move-only through
/// unique_ptr); its blocking work runs on the executor. Entries are the bytes of
/// message::LogEntry as they go over the wire; the log reads nothing of them but what append()
/// is told.
///
/// Durable means synced, or with log_options::sync_interval written: then it survives the end of
/// the process, and a power loss once synced_index() has reached it.
///
/// Group commit: what is appended while a write is on its way goes into the next one. Every
/// append and vote is answered by the durable callback in order of index.
/// Errors: a failed write or sync is final (`failed` callback): the owner must end and the
/// replica be opened anew from what the disk holds. A full disk is not: full() turns true
/// while the space already reserved still takes entries and votes; what no longer fits waits
/// in memory, and the log tries again by itself. So who sees full() stops appending.
/// Source: Ongaro's thesis 3.5, 3.8; segments as LogCabin and Kafka keep them.

#include "messages/ids.hpp"
#include "runtime/error.hpp"
#include "runtime/ports/clock.hpp"
#include "runtime/ports/disk.hpp"
#include "runtime/ports/executor.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace us {

/// One entry's bytes (a Cap'n Proto stream message, 8-byte aligned), shared between the log,
/// the links and the overlay without copying.
using entry_bytes = std::shared_ptr<const std::string>;

struct log_entry {
  log_index index;
  us::epoch epoch;
  entry_bytes bytes;
};

/// What must survive a restart so that no epoch has two votes of one replica.
struct vote {
  us::epoch epoch;
  node_id candidate;  ///< 0: none in this epoch yet
};

/// What compaction leaves for followers that come back.
struct log_retention {
  std::uint64_t bytes = 64u << 20;
  duration age = std::chrono::hours{24};  ///< since the entries' segment was full
};

/// What a crash may have left of what was written and not yet synced.
enum class unsynced_tail : unsigned char {
  none,    ///< nothing was told before it was synced
  cached,  ///< the machine has run on: all of it is there, and may not be on the disk
  lost,    ///< the power was lost: any part of it may be missing
};

struct log_options {
  std::uint64_t segment_bytes = 16u << 20;
  std::uint64_t cache_bytes = 8u << 20;  ///< newest entries kept in memory
  /// 0: entries are synced before they are told durable. Else they are told so once they are
  /// written, and synced at most so long after; votes, and what removes entries, are synced always.
  duration sync_interval{0};
  unsynced_tail left = unsynced_tail::none;  ///< what opening may find
};

class change_log {
 public:
  struct callbacks {
    /// Everything up to here, and the newest vote, is durable; or more is synced than before.
    std::function<void(log_index)> durable;
    /// The disk failed; nothing more will be durable.
    std::function<void(const failure&)> failed;
  };

  virtual ~change_log() = default;

  /// Names who is called back, in which actor's context. Replaces the former owner.
  virtual void attach(caf::actor owner, callbacks calls) = 0;

  // -- what is in it (durable or not yet)
  virtual log_index first_index() const = 0;  ///< 1 unless compacted
  virtual log_index last_index() const = 0;
  virtual us::epoch last_epoch() const = 0;
  /// The epoch of an entry; nullopt outside [first - 1, last]. Index 0 has epoch 0.
  virtual std::optional<us::epoch> epoch_at(log_index index) const = 0;
  virtual log_index durable_index() const = 0;
  /// Up to here a power loss takes nothing; durable_index() or less.
  virtual log_index synced_index() const = 0;
  virtual us::vote vote() const = 0;
  /// The newest commit index that was stored with the entries: a lower bound after a restart.
  virtual log_index stored_commit() const = 0;
  virtual bool full() const = 0;
  /// Whether entries of that many bytes, and what waits, would still be written: full() turns true
  /// while there is room left, which is kept for what is under way.
  virtual bool has_room(std::uint64_t bytes) const = 0;
  /// True when nothing is waiting for the disk.
  virtual bool idle() const = 0;
  virtual std::uint64_t disk_bytes() const = 0;

  // -- changing it
  /// entry.index must be last_index() + 1, its epoch not below last_epoch(): what a peer
  /// sends is checked before. `commit` is stored beside it as a hint.
  virtual void append(log_entry entry, log_index commit) = 0;
  /// Removes every entry after `last`. Takes effect at once, durable with the next callback.
  virtual void truncate_after(log_index last) = 0;
  /// Forgets the oldest entries, at most up to `up_to`, which must be durable: as many as it can
  /// while what stays holds `keep.bytes`, and all that are older than `keep.age`. Works by whole
  /// pieces, so first_index() afterwards may be anything up to up_to.next(). Only deletes: may be
  /// undone by a crash.
  virtual void compact(log_index up_to, const log_retention& keep) = 0;
  /// Drops every entry and goes on after `last`, which a durable snapshot of `epoch` covers. Takes
  /// effect at once, durable with the next callback; the vote stays.
  virtual void begin_after(log_index last, us::epoch epoch) = 0;
  /// Never goes back to a smaller epoch. Calls `then` once it is durable.
  virtual void store_vote(us::vote v, std::function<void()> then) = 0;

  // -- reading it
  /// Reads every entry of [first, last] from the disk in order, blocking, while the log is idle:
  /// for restoring the state at start. Errors: not_found, corrupted, what the disk reports.
  virtual status replay(log_index first, log_index last,
                        const std::function<void(const log_entry&)>& each) const = 0;
  /// Entries from `first` on, at most `bytes_max` of them but at least one, from memory;
  /// empty when they are no longer cached.
  virtual std::vector<log_entry> cached(log_index first, std::size_t bytes_max) const = 0;
  /// The same from the disk, off this thread. `then` gets an error when the bytes on disk do not
  /// carry their checksum. Ends without a call when the owner changes.
  virtual void read(log_index first, std::size_t bytes_max,
                    std::function<void(result<std::vector<log_entry>>)> then) = 0;
};

/// Opens (or makes) the log in `directory`, blocking. Cuts a torn tail (what a crash left of
/// the last, never acknowledged, batch). `corrupted`: bytes before the tail are damaged.
/// A former log of the same directory on the same disk object is fenced off first: its running
/// job is waited for, its queued ones fail with wrong_owner. What was read is durable on return.
result<std::unique_ptr<change_log>> open_segmented_log(std::shared_ptr<disk> where,
                                                       std::shared_ptr<executor> jobs,
                                                       std::shared_ptr<clock> time,
                                                       std::string directory, log_options options);

}  // namespace us
