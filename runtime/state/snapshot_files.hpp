#pragma once
/// The snapshots of one replica in their directory: names, reading, verifying. Blocking: for jobs
/// of the executor and for opening.
///
/// A finished snapshot is "<index>-<salt>.snapshot" (taken here) or ".installed" (came from a
/// leader, so that the log here may end before it); ".partial" is one being taken, ".incoming" one
/// being received. Both finished kinds got their name after all of their bytes were synced.
/// Errors: corrupted names file and offset; newer_format; what the disk reports.

#include "runtime/ports/disk.hpp"
#include "runtime/state/snapshot_format.hpp"
#include "runtime/state/state.hpp"

#include <functional>

namespace us {

enum class snapshot_kind : unsigned char { taken, installed, partial, incoming };

struct snapshot_name {
  log_index index;
  std::uint64_t salt = 0;
  snapshot_kind kind = snapshot_kind::taken;

  std::string text() const;
  static std::optional<snapshot_name> parse(std::string_view text);
};

std::string path_in(const std::string& directory, const snapshot_name& name);

/// By index, the newest first; files of other names are left alone.
result<std::vector<snapshot_name>> list_snapshots(disk& where, const std::string& directory);

struct snapshot_info {
  snapshot_id id;
  log_index complete;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  bool installed = false;
  store_name store = {};  ///< whose records belong to it, when it has none itself

  bool whole() const { return store.number == 0; }
};

/// Whether it names records instead of having them, as far as its head tells.
bool names_store(disk& where, const std::string& path);

struct snapshot_visitor {
  /// The payload of a block of sessions; false: it is not well formed.
  std::function<bool(std::string_view payload)> sessions;
  /// A part of the records, as what puts them.
  std::function<void(std::span<const state_change> records)> records;
  /// The payload of the block of epochs, which snapshots of format 1 do not have.
  std::function<bool(std::string_view payload)> epochs = [](std::string_view) { return true; };
  /// The payload of the block of members, which snapshots before format 3 do not have.
  std::function<bool(std::string_view payload)> members = [](std::string_view) { return true; };
};

/// Reads and verifies all of a finished snapshot, block by block. What was visited counts only if
/// it succeeds.
result<snapshot_info> read_snapshot(disk& where, const std::string& path,
                                    const snapshot_visitor& visit);

/// Where the last whole block of an unfinished snapshot ends; 0 when it is another one.
result<std::uint64_t> verified_prefix(disk& where, const std::string& path, const snapshot_id& id);

}  // namespace us
