#pragma once
/// The change log's blocking work, as the executor runs it: writing one group, syncing what is
/// written, and making the next segment.
///
/// A job owns what it touches (shared_ptr), so the log and its owner may be gone when it runs.
/// It runs behind a gate of its directory: opening the same directory anew closes the former
/// log's gates, which waits for a job that is running and stops those that are queued.
/// Jobs never throw; their outcome is read by the log after the executor's answer.

#include "runtime/log/change_log.hpp"
#include "runtime/log/log_files.hpp"
#include "runtime/log/record_format.hpp"
#include "runtime/log/segment_files.hpp"

#include <optional>
#include <vector>

namespace us {

/// Copies an entry's record out of a buffer.
log_entry to_entry(const record& r);

/// A record that waits to be written.
struct pending_record {
  record_kind kind = record_kind::entry;
  std::uint64_t index = 0;
  us::epoch epoch;
  log_index commit;
  entry_bytes bytes;            ///< entries only
  std::uint64_t operation = 0;  ///< counts what was asked of the log

  std::uint64_t disk_bytes() const { return record_bytes(bytes ? bytes->size() : 0); }
};

/// One group: one write, and a sync unless that may come later. Reused from group to group with its
/// buffers.
struct write_job {
  std::shared_ptr<log_files> files;
  std::shared_ptr<file> former;  ///< to be synced before: the segment that is full, or null
  std::shared_ptr<file> target;
  bool sync = true;
  std::uint64_t seed = 0;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::optional<segment_header> header;  ///< the group is the first of its segment
  std::vector<pending_record> records;   ///< header: the first of them stands for it
  status outcome = done{};

  void run() noexcept;

 private:
  void encode();
  status write();
  std::vector<std::byte> buffer_;
};

/// Syncs what was written to a segment before, beside the writes of later groups.
struct sync_job {
  std::shared_ptr<log_files> files;
  std::shared_ptr<file> target;
  status outcome = done{};

  void run() noexcept;
};

/// Makes a segment, or enlarges one that was made too small for what must go into it.
struct prepare_job {
  std::shared_ptr<log_files> files;
  segment_file segment;  ///< no handle: to be made
  std::uint64_t bytes = 0;
  reservation how = reservation::zeroed;
  status outcome = done{};

  void run() noexcept;
};

/// Deletes segments, the oldest first and each durably before the next: whatever a crash leaves
/// is a log without its beginning. Names that are left failed to be deleted.
struct remove_job {
  std::shared_ptr<log_files> files;
  std::vector<segment_name> names;

  void run() noexcept;
};

/// Reads entries that lie one after another in one segment.
struct read_job {
  std::shared_ptr<log_files> files;
  segment_name segment;
  log_index first;
  std::vector<std::uint64_t> offsets;
  std::uint64_t bytes_max = 0;
  result<std::vector<log_entry>> outcome = std::vector<log_entry>{};

  void run() noexcept;

 private:
  result<std::vector<log_entry>> read() const;
  result<log_entry> read_entry(file& from, std::span<const std::byte> bytes,
                               const record_header& header, std::uint64_t offset) const;
  failure damaged(std::uint64_t offset) const;
};

}  // namespace us
