#pragma once
/// The files of a loss journal. Blocking: for jobs of the executor, for opening, for commands.
///
/// A directory holds files "<number>.losses", written by the replica, and "<number>.replays",
/// written by who submits losses again. Each run of either begins a file of its own, so that
/// nothing is ever added behind what a crash left torn. A file begins with a head of 48 bytes:
/// magic u64, version u32, zero u32, number u64, first u64 (files of smaller numbers are dropped),
/// dropped u64 (losses in those), check u64 (XXH3 of what is before). Then records: length u32,
/// zero u32, check u64 (XXH3 of the payload, seeded by number and offset), payload (a
/// message::LossEntry). Numbers are little endian.
///
/// Invariants: what append() succeeded with is there after a crash; what is read in any file but the
/// newest, too, and in that one once it was opened. Bounded: beyond `bytes_max` (and
/// one append) the oldest files go, and the losses in them are counted as dropped.
/// Errors: newer_format, what the disk reports. What does not verify is counted, never guessed at.

#include "runtime/loss/loss.hpp"
#include "runtime/ports/disk.hpp"

#include <memory>
#include <span>

namespace us {

enum class loss_file_kind : unsigned char { losses, replays };

/// What all files of a directory say beside their entries.
struct loss_files_seen {
  std::uint64_t dropped = 0;     ///< losses, by the bound
  std::uint64_t unreadable = 0;  ///< bytes that do not verify
};

/// Visits every entry of a journal's directory: losses in the order they were noted, then replays.
/// An empty or missing directory has none.
result<loss_files_seen> read_loss_files(disk& where, const std::string& directory,
                                        const loss_visitor& visit);

/// Adds to a journal. Used by one job at a time.
class loss_writer {
 public:
  loss_writer(std::shared_ptr<disk> where, std::string directory, loss_file_kind kind,
              std::uint64_t bytes_max)
      : where_(std::move(where)),
        directory_(std::move(directory)),
        kind_(kind),
        bytes_max_(bytes_max) {}

  /// Makes durable what is to be read: what a writer that failed left may be in the cache only. To
  /// be called before a reader relies on it.
  status open();

  /// Durable on success. After a failure nothing, or a part, may be there.
  status append(std::span<const std::string> entries);

  /// Losses dropped by the bound, as far as this writer knows.
  std::uint64_t dropped() const { return dropped_; }

 private:
  struct old_file {
    std::uint64_t number;
    std::uint64_t bytes;
  };

  status keep(std::uint64_t number);
  status look();
  status begin_file();
  status drop_oldest();
  status write(std::span<const std::string> entries);

  std::shared_ptr<disk> where_;
  std::string directory_;
  loss_file_kind kind_;
  std::uint64_t bytes_max_;
  bool looked_ = false;
  bool failed_ = false;  ///< the newest file holds what may not be durable
  std::vector<old_file> older_;
  std::uint64_t older_bytes_ = 0;
  std::uint64_t first_ = 1;
  std::uint64_t dropped_ = 0;
  std::uint64_t number_ = 0;
  std::unique_ptr<file> current_;
  std::uint64_t end_ = 0;
};

}  // namespace us
