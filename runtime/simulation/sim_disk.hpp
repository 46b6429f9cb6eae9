#pragma once
/// A node's disk in simulation: files in memory, each with what is durable and what is not yet.
///
/// A write is pending until sync() of its file; creating, renaming and removing are pending until
/// sync_directory(). At a power loss each pending write is lost, kept or torn (a part of its
/// 512-byte sectors is kept), each by chance; of the pending directory changes a prefix in their
/// order is kept, as journalling file systems do. What was synced is never lost.
/// Faults are switched on by the test and stay until mend(). After a failed sync() the writes
/// that it covered stay readable, but no later sync() makes them durable (fsync on Linux).
/// Errors: those of ports/disk.hpp.

#include "runtime/ports/disk.hpp"
#include "runtime/simulation/random_stream.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace us::sim {

struct stored_file;

struct disk_counts {
  std::uint64_t writes = 0;
  std::uint64_t bytes_written = 0;
  std::uint64_t syncs = 0;
  std::uint64_t errors = 0;  ///< injected: write, sync, read, full
  std::uint64_t bits_flipped = 0;
  std::uint64_t writes_lost = 0;  ///< at power losses
  std::uint64_t writes_torn = 0;
};

class disk_image {
 public:
  explicit disk_image(random_stream chance) : chance_(chance) {}

  // -- faults
  /// Writes beyond this many bytes fail with disk_full. 0: unlimited.
  void capacity(std::uint64_t bytes) { capacity_ = bytes; }
  void fail_writes(double probability = 1) { fail_writes_ = probability; }
  void fail_syncs(double probability = 1) { fail_syncs_ = probability; }
  void fail_reads(double probability = 1) { fail_reads_ = probability; }
  /// One bit of what a read returns is wrong (in memory, not on the disk).
  void flip_bits_on_read(double probability = 1) { flip_bits_ = probability; }
  /// Jobs of the executor take this many times as long.
  void slow(double factor) { slowness_ = factor; }
  /// No job of the executor ends until unhang() or mend().
  void hang() { hanging_ = true; }
  /// Ends hang() only.
  void unhang();
  /// All faults off.
  void mend();

  // -- looking at it
  std::uint64_t used() const { return used_; }
  std::uint64_t capacity() const { return capacity_; }
  const disk_counts& counts() const { return counts_; }
  /// Writes, truncations and directory changes that a power loss could take.
  std::size_t unsynced() const;
  /// Another after every power loss.
  std::uint64_t boot() const { return boot_; }
  double slowness() const { return slowness_; }
  bool hanging() const { return hanging_; }
  /// Flips one bit of a stored file, durable as silent corruption is. False: no such byte.
  bool damage(const std::string& path, std::uint64_t offset);

  // -- for the world
  void lose_unsynced();
  /// A new disk; the faults stay.
  void erase();
  void when_mended(std::function<void()> f) { when_mended_ = std::move(f); }

  // -- for the ports
  using file_ptr = std::shared_ptr<stored_file>;
  /// The file at a path; null when there is none.
  file_ptr find(const std::string& path) const;
  bool is_directory(const std::string& path) const;
  result<file_ptr> create(const std::string& path);
  status make_directory(const std::string& path);
  status rename(const std::string& from, const std::string& to);
  status remove(const std::string& path);
  void sync_directory(const std::string& directory);
  std::vector<std::string> list(const std::string& directory) const;
  status write(stored_file& f, std::uint64_t offset, std::span<const std::byte> bytes);
  result<std::size_t> read(stored_file& f, std::uint64_t offset, std::span<std::byte> into);
  status truncate(stored_file& f, std::uint64_t size);
  status sync(stored_file& f);

 private:
  /// By path; null: a directory.
  using tree = std::map<std::string, file_ptr>;
  struct change {
    enum class kind { add, rename, remove } what;
    std::string path;
    std::string to;
    file_ptr content;
  };

  static void apply(tree& where, const change& c);
  void change_tree(change c);
  void forget_orphans();
  std::uint64_t room() const;
  void note_size(const stored_file& f, std::uint64_t before);
  void recount();

  random_stream chance_;
  tree durable_;
  tree current_;
  std::vector<change> changes_;
  std::uint64_t capacity_ = 0;
  std::uint64_t used_ = 0;
  double fail_writes_ = 0;
  double fail_syncs_ = 0;
  double fail_reads_ = 0;
  double flip_bits_ = 0;
  double slowness_ = 1;
  bool hanging_ = false;
  std::uint64_t boot_ = 1;
  disk_counts counts_;
  std::function<void()> when_mended_;
};

/// One incarnation's way to its disk. Dead once closed or after die_after() operations: every
/// call fails and changes nothing.
class disk_access {
 public:
  explicit disk_access(disk_image& image) : image_(&image) {}

  void close() { image_ = nullptr; }
  /// The power goes after this many more operations.
  void die_after(std::uint64_t operations) { operations_left_ = operations; }
  /// The disk for one operation; null when it is gone.
  disk_image* operation();

 private:
  disk_image* image_;
  std::uint64_t operations_left_ = UINT64_MAX;
};

std::shared_ptr<us::disk> make_disk_port(std::shared_ptr<disk_access> access);

}  // namespace us::sim
