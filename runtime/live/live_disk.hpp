#pragma once
/// The disk port on POSIX files under one directory, the node's data directory.
///
/// Owns the directory until release() or its end: the file `lock` in it is locked (flock), so that
/// a second process, or a second node of this one, cannot use the same directory. Errors: disk_full
/// for ENOSPC and EDQUOT, not_found for ENOENT, wrong_owner for a directory in use, else io_failed;
/// the text names path, call and reason.

#include "runtime/ports/disk.hpp"

namespace us {

class live_disk final : public disk {
 public:
  /// Makes the directory when it is missing, proves that it can be written to, and locks it.
  static result<std::shared_ptr<live_disk>> open_directory(const std::string& directory);
  /// For looking at what a node has written, also while it runs: nothing is made, locked or to be
  /// written. not_found: there is no such directory.
  static result<std::shared_ptr<live_disk>> look_at(const std::string& directory);
  ~live_disk() override;
  live_disk(const live_disk&) = delete;
  live_disk& operator=(const live_disk&) = delete;

  const std::string& directory() const { return root_; }

  /// Gives the directory free for the next user; this one must not write any more.
  void release();

  result<std::unique_ptr<file>> open(const std::string& path, open_mode mode) override;
  result<std::vector<std::string>> list(const std::string& directory) override;
  status make_directory(const std::string& directory) override;
  status rename(const std::string& from, const std::string& to) override;
  status remove(const std::string& path) override;
  status sync_directory(const std::string& directory) override;
  /// The kernel's boot_id.
  std::uint64_t boot() override;
  std::string real_path(const std::string& path) const override { return full(path); }

 private:
  live_disk(std::string root, int lock) : root_(std::move(root)), lock_(lock) {}
  std::string full(const std::string& path) const;

  std::string root_;
  int lock_;
};

/// Checks that the directory is this node's, by the file `identity`; an empty directory becomes
/// this node's. wrong_owner: it is another node's, another cluster's, or somebody
/// else's files lie in it; the text says what to do.
status claim_directory(live_disk& where, const std::string& cluster, const std::string& node);

}  // namespace us
