#include "runtime/live/live_disk.hpp"

#include "runtime/live/posix_error.hpp"

#include <xxhash.h>

#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace us {

namespace {

constexpr int no_lock = -1;

class live_file final : public file {
 public:
  live_file(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  ~live_file() override { ::close(descriptor_); }
  live_file(const live_file&) = delete;
  live_file& operator=(const live_file&) = delete;

  result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> into) override {
    std::size_t have = 0;
    while (have < into.size()) {
      auto got = retry_interrupted([&] {
        return ::pread(descriptor_, into.data() + have, into.size() - have,
                       static_cast<off_t>(offset + have));
      });
      if (got < 0) return posix_failure("read", path_, errno);
      if (got == 0) break;
      have += static_cast<std::size_t>(got);
    }
    return have;
  }

  status write_at(std::uint64_t offset, std::span<const std::byte> bytes) override {
    std::size_t written = 0;
    while (written < bytes.size()) {
      auto put = retry_interrupted([&] {
        return ::pwrite(descriptor_, bytes.data() + written, bytes.size() - written,
                        static_cast<off_t>(offset + written));
      });
      if (put < 0) return posix_failure("write", path_, errno);
      if (put == 0) return posix_failure("write", path_, EIO);
      written += static_cast<std::size_t>(put);
    }
    return done{};
  }

  // Never repeated after a failure: the kernel drops the dirty pages and a second call succeeds
  // without them. EINTR is not a failure of that kind.
  status sync() override {
    if (retry_interrupted([&] { return ::fdatasync(descriptor_); }) != 0)
      return posix_failure("sync", path_, errno);
    return done{};
  }

  result<std::uint64_t> size() override {
    struct stat about {};
    if (::fstat(descriptor_, &about) != 0) return posix_failure("look at", path_, errno);
    return static_cast<std::uint64_t>(about.st_size);
  }

  status truncate(std::uint64_t size) override {
    auto cut = [&] { return ::ftruncate(descriptor_, static_cast<off_t>(size)); };
    if (retry_interrupted(cut) != 0) return posix_failure("truncate", path_, errno);
    return done{};
  }

  status reserve(std::uint64_t size) override {
    if (size == 0) return done{};
    int failed = 0;
    do failed = ::posix_fallocate(descriptor_, 0, static_cast<off_t>(size));
    while (failed == EINTR);
    if (failed != 0) return posix_failure("reserve", path_, failed);
    return done{};
  }

 private:
  int descriptor_;
  std::string path_;
};

int flags_of(open_mode mode) {
  switch (mode) {
    case open_mode::read: return O_RDONLY;
    case open_mode::read_write: return O_RDWR;
    case open_mode::create: return O_RDWR | O_CREAT;
  }
  return O_RDONLY;
}

int open_descriptor(const std::string& path, int flags) {
  return retry_interrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC, 0640); });
}

failure unusable(const std::string& directory, int number) {
  return {number == ENOSPC || number == EDQUOT ? errc::disk_full : errc::io_failed,
          "data directory " + directory +
              " cannot be used: " + std::generic_category().message(number) +
              "; make it writable for this user or name another with 'data'"};
}

// A name that leaves the data directory is refused whatever made it.
bool inside(const std::string& path) {
  std::filesystem::path parts{path};
  return parts.is_relative() &&
         std::none_of(parts.begin(), parts.end(), [](const auto& part) { return part == ".."; });
}

}  // namespace

result<std::shared_ptr<live_disk>> live_disk::open_directory(const std::string& directory) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  if (failed) return unusable(directory, failed.value());
  auto lock = open_descriptor(directory + "/lock", O_RDWR | O_CREAT);
  if (lock < 0) return unusable(directory, errno);
  if (retry_interrupted([&] { return ::flock(lock, LOCK_EX | LOCK_NB); }) != 0) {
    auto number = errno;
    ::close(lock);
    if (number != EWOULDBLOCK) return unusable(directory, number);
    return failure{errc::wrong_owner,
                   "data directory " + directory +
                       " is in use by a running node; stop that one or name another with 'data'"};
  }
  return std::shared_ptr<live_disk>{new live_disk{directory, lock}};
}

result<std::shared_ptr<live_disk>> live_disk::look_at(const std::string& directory) {
  std::error_code failed;
  if (!std::filesystem::is_directory(directory, failed))
    return failure{errc::not_found, "there is no directory " + directory};
  return std::shared_ptr<live_disk>{new live_disk{directory, no_lock}};
}

live_disk::~live_disk() {
  if (lock_ != no_lock) ::close(lock_);
}

void live_disk::release() {
  if (lock_ != no_lock) (void)::flock(lock_, LOCK_UN);
}

std::string live_disk::full(const std::string& path) const {
  return path.empty() ? root_ : root_ + "/" + path;
}

result<std::unique_ptr<file>> live_disk::open(const std::string& path, open_mode mode) {
  if (!inside(path)) return posix_failure("open", path, EPERM);
  auto descriptor = open_descriptor(full(path), flags_of(mode));
  if (descriptor < 0) return posix_failure("open", full(path), errno);
  return std::unique_ptr<file>{new live_file{descriptor, full(path)}};
}

result<std::vector<std::string>> live_disk::list(const std::string& directory) {
  if (!inside(directory)) return posix_failure("list", directory, EPERM);
  std::vector<std::string> names;
  std::error_code failed;
  std::filesystem::directory_iterator at{full(directory), failed};
  for (; !failed && at != std::filesystem::directory_iterator{}; at.increment(failed))
    names.push_back(at->path().filename().string());
  if (failed && failed.value() != ENOENT)
    return posix_failure("list", full(directory), failed.value());
  std::sort(names.begin(), names.end());
  return names;
}

status live_disk::make_directory(const std::string& directory) {
  if (!inside(directory)) return posix_failure("make", directory, EPERM);
  std::error_code failed;
  std::filesystem::create_directories(full(directory), failed);
  if (failed) return posix_failure("make", full(directory), failed.value());
  return done{};
}

status live_disk::rename(const std::string& from, const std::string& to) {
  if (!inside(from) || !inside(to)) return posix_failure("rename", from, EPERM);
  if (::rename(full(from).c_str(), full(to).c_str()) != 0)
    return posix_failure("rename", full(from), errno);
  return done{};
}

status live_disk::remove(const std::string& path) {
  if (!inside(path)) return posix_failure("remove", path, EPERM);
  if (::remove(full(path).c_str()) != 0) return posix_failure("remove", full(path), errno);
  return done{};
}

status live_disk::sync_directory(const std::string& directory) {
  if (!inside(directory)) return posix_failure("sync", directory, EPERM);
  auto descriptor = open_descriptor(full(directory), O_RDONLY | O_DIRECTORY);
  if (descriptor < 0) return posix_failure("open", full(directory), errno);
  auto failed = retry_interrupted([&] { return ::fsync(descriptor); }) != 0;
  auto number = errno;
  ::close(descriptor);
  if (failed) return posix_failure("sync", full(directory), number);
  return done{};
}

std::uint64_t live_disk::boot() {
  std::ifstream from{"/proc/sys/kernel/random/boot_id"};
  std::string id;
  if (!std::getline(from, id) || id.empty()) return 0;
  return XXH3_64bits(id.data(), id.size()) | 1;
}

}  // namespace us
