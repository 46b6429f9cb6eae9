#pragma once
/// The rules of snapshots, apart from actors and disks: which one a replica starts from, which one
/// a follower takes, and what it does with each part of one. Source: Ongaro's thesis, chapter 5.

#include "runtime/log/change_log.hpp"
#include "runtime/state/snapshot_files.hpp"

#include <optional>

namespace us::rules {

enum class snapshot_use : unsigned char {
  extends_log,  ///< load it; the log goes on after it
  begins_log,   ///< load it; the log here ends before it, or differs: it begins anew after it
  none,         ///< the log does not reach back to it
  contradicts,  ///< it was taken here, and the log lacks what was durable then
};
/// `at_index`: the epoch that the log has at the snapshot's index.
snapshot_use use_of(const snapshot_info& snapshot, log_index first, log_index last,
                    std::optional<us::epoch> at_index);

/// Whether a follower lacks what a snapshot holds. Where its log has the same entry at the
/// snapshot's index, or has committed it, installing would only take acknowledged entries away.
bool needs_snapshot(const change_log& log, log_index commit, const snapshot_id& offered);

/// A snapshot being received. A part is taken only where the last one ended.
struct reception {
  snapshot_id id;
  std::uint64_t total = 0;    ///< bytes
  std::uint64_t written = 0;  ///< bytes from the beginning; after a crash, what is whole of them
  bool busy = false;          ///< the disk is at work on it
  bool installing = false;    ///< it is whole, and takes the place of what is here
};

struct snapshot_chunk {
  snapshot_id id;
  std::uint64_t total = 0;
  std::uint64_t offset = 0;
  std::string_view bytes;
  std::uint64_t check = 0;
};

enum class chunk_verdict : unsigned char {
  begins,   ///< another snapshot than the one being received: look what is there of it
  taken,    ///< write it
  repeats,  ///< early, late or damaged: tell the leader how far this follower is
  ignored,  ///< the disk is at work; the answer follows
};
chunk_verdict judge(const std::optional<reception>& now, const snapshot_chunk& chunk);

}  // namespace us::rules
