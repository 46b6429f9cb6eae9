#pragma once
/// What all jobs on one directory share: the disk, the directory, and gates that its next owner
/// closes.
///
/// A job that runs is waited for when its gate is closed, one that is queued fails: so whoever
/// opens the directory anew is alone with it.

#include "runtime/error.hpp"
#include "runtime/ports/disk.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace us {

class job_gate {
 public:
  /// Runs `job` unless the gate is closed, which is an error.
  template <class Job>
  status enter(const Job& job) {
    std::lock_guard lock{mutex_};
    if (closed_) return failure{errc::wrong_owner, "the log was opened anew by another owner"};
    return job();
  }
  void close() {
    std::lock_guard lock{mutex_};
    closed_ = true;
  }

 private:
  std::mutex mutex_;
  bool closed_ = false;
};

/// What all jobs of one opened log share.
struct log_files {
  std::shared_ptr<disk> where;
  std::string directory;
  job_gate writing;
  job_gate syncing;  ///< entered within writing, too
  job_gate preparing;
  std::optional<failure> not_synced;  ///< of the first sync that failed; within syncing

  /// A sync that fails leaves bytes that no later one makes durable, though it succeeds: after the
  /// first failure all fail. Two at once might share out who is told of it, so one waits for the
  /// other.
  status sync(file& target) {
    return syncing.enter([&]() -> status {
      if (not_synced) return *not_synced;
      auto synced = target.sync();
      if (!synced) not_synced = synced.error();
      return synced;
    });
  }
};

/// Makes the caller the only user of a directory of a disk in this process.
std::shared_ptr<log_files> own_directory(std::shared_ptr<disk> where, std::string directory);

}  // namespace us
