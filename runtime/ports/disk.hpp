#pragma once
/// Files of one node's data directory. Every call blocks, so it is made at start or from
/// a job of the executor, never from an actor's handler. Live: POSIX. Simulation: memory
/// that loses unsynced writes at a crash, tears, corrupts, fills and stalls.
///
/// Paths are relative to the data directory, with '/' between parts.
/// Errors: io_failed, disk_full, not_found. A failed sync() is final: what it covered may
/// be lost even though a later sync() succeeds; the caller must not go on with this file.

#include "runtime/error.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace us {

class file {
 public:
  virtual ~file() = default;
  /// Reads up to into.size() bytes; fewer only at the end of the file.
  virtual result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> into) = 0;
  /// Writes all of it, extending the file when needed, or fails.
  virtual status write_at(std::uint64_t offset, std::span<const std::byte> bytes) = 0;
  /// Makes written data durable (and the size, when it changed).
  virtual status sync() = 0;
  virtual result<std::uint64_t> size() = 0;
  virtual status truncate(std::uint64_t size) = 0;
  /// Makes the file at least this long and takes the space for all of it, so that writing there
  /// cannot fill the disk. What is beyond its present end reads as zeros. Not durable before sync().
  virtual status reserve(std::uint64_t size) = 0;
};

enum class open_mode { read, read_write, create };  ///< create: read_write, made when missing

class disk {
 public:
  virtual ~disk() = default;
  virtual result<std::unique_ptr<file>> open(const std::string& path, open_mode mode) = 0;
  /// Names in a directory, sorted; empty when it does not exist.
  virtual result<std::vector<std::string>> list(const std::string& directory) = 0;
  virtual status make_directory(const std::string& directory) = 0;
  /// Atomic replacement; durable after sync_directory.
  virtual status rename(const std::string& from, const std::string& to) = 0;
  virtual status remove(const std::string& path) = 0;
  virtual status sync_directory(const std::string& directory) = 0;
  /// Number of the machine's present run, never 0 but when it is not known: as long as it stays the
  /// same, what was written is there, synced or not.
  virtual std::uint64_t boot() = 0;
  /// Where a library that opens files by itself finds this path; empty: nowhere (simulation).
  virtual std::string real_path(const std::string& path) const {
    (void)path;
    return {};
  }
};

}  // namespace us
