// A library for LD_PRELOAD: makes calls of a process on its files fail, as a test (or a person)
// says meanwhile in a control file.
//
// UNDERSTUDY_FAILING_FILES names the control file, UNDERSTUDY_FAILING_BELOW a directory: what is
// not below that is left alone. Each line of the control file is a rule; the first one that fits a
// call strikes:
//
//     CALL FAULT PART [after=N] [times=N] [at=OFFSET]
//
//     CALL   sync (fsync, fdatasync), write (write, pwrite), read (pread),
//            reserve (fallocate, posix_fallocate), truncate (ftruncate)
//     FAULT  EIO, ENOSPC  nothing is done, and that is returned
//            torn         write: half of it is written, then as EIO
//            torn-kill    write: half of it is written, then the process is killed
//            flip         read, write: a bit in the middle is wrong, or of the byte at OFFSET
//     PART   of the path of the file
//     after  so many calls that fit are left alone first;  times  so many are struck (all)
//     at     only calls that reach this byte of the file
//
// Replace the file by rename, so that no half of it is read. What was struck is appended to
// CONTROL.hits, a line each. Without rules a call costs one stat() of the control file; without
// UNDERSTUDY_FAILING_FILES nothing. Thread-safe.
#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <mutex>
#include <optional>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace {

struct rule {
  std::string call;
  std::string fault;
  std::string part;
  long after = 0;
  long times = -1;  ///< negative: all
  long at = -1;     ///< negative: any
};

struct hit {
  std::string fault;
  long at = -1;
};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

void read_option(rule& into, const std::string& word) {
  const auto number = std::strtol(word.c_str() + word.find('=') + 1, nullptr, 10);
  if (word.starts_with("after=")) into.after = number;
  if (word.starts_with("times=")) into.times = number;
  if (word.starts_with("at=")) into.at = number;
}

std::vector<rule> read_rules(const std::string& file) {
  std::vector<rule> rules;
  std::ifstream in{file};
  for (std::string line; std::getline(in, line);) {
    std::istringstream words{line};
    rule next;
    if (!(words >> next.call >> next.fault >> next.part)) continue;
    for (std::string word; words >> word;) read_option(next, word);
    rules.push_back(std::move(next));
  }
  return rules;
}

class failing_layer {
 public:
  /// What is to befall a call of `size` bytes at `offset`; negative: where the file stands.
  std::optional<hit> judge(const char* call, int fd, off_t offset, std::size_t size) {
    if (control_.empty()) return std::nullopt;
    std::lock_guard lock{mutex_};
    renew();
    if (rules_.empty()) return std::nullopt;
    const auto path = path_of(fd);
    if (!path.starts_with(below_)) return std::nullopt;
    if (offset < 0) offset = ::lseek(fd, 0, SEEK_CUR);
    for (auto& each : rules_) {
      const bool reaches =
          each.at < 0 || (offset <= each.at && each.at - offset < static_cast<long>(size));
      if (each.call != call || !reaches || path.find(each.part) == std::string::npos) continue;
      if (each.times == 0 || each.after-- > 0) continue;
      if (each.times > 0) --each.times;
      note(each.call + " " + each.fault + " " + path + "\n");
      return hit{each.fault, each.at < 0 ? -1 : each.at - offset};
    }
    return std::nullopt;
  }

 private:
  static std::string path_of(int fd) {
    std::array<char, 4096> path{};
    const auto link = "/proc/self/fd/" + std::to_string(fd);
    const auto length = ::readlink(link.c_str(), path.data(), path.size());
    return {path.data(), static_cast<std::size_t>(std::max<ssize_t>(length, 0))};
  }

  void renew() {
    struct stat now {};
    if (::stat(control_.c_str(), &now) != 0) now = {};
    if (now.st_ino == seen_.st_ino && now.st_mtim.tv_sec == seen_.st_mtim.tv_sec &&
        now.st_mtim.tv_nsec == seen_.st_mtim.tv_nsec)
      return;
    seen_ = now;
    rules_ = read_rules(control_);
  }

  void note(const std::string& line) const {
    const auto path = control_ + ".hits";
    const int fd = ::open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    static const auto real = reinterpret_cast<decltype(&::write)>(::dlsym(RTLD_NEXT, "write"));
    (void)!real(fd, line.data(), line.size());
    ::close(fd);
  }

  const std::string control_ = environment("UNDERSTUDY_FAILING_FILES");
  const std::string below_ = environment("UNDERSTUDY_FAILING_BELOW") + "/";
  std::mutex mutex_;
  struct stat seen_ {};
  std::vector<rule> rules_;
};

failing_layer& layer() {
  static auto* const one = new failing_layer;  // calls come until the very end
  return *one;
}

/// The function that this one stands before.
template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

int error_of(const hit& which) {
  return which.fault == "ENOSPC" ? ENOSPC : EIO;
}

void flip(char* bytes, std::size_t size, const hit& which) {
  const auto place = which.at < 0 ? size / 2 : static_cast<std::size_t>(which.at);
  if (place < size) bytes[place] = static_cast<char>(bytes[place] ^ 4);
}

/// `write(from, size)` writes really.
template <class Write>
ssize_t write_struck(const hit& which, const void* from, std::size_t size, Write write) {
  if (which.fault == "flip") {
    std::string wrong{static_cast<const char*>(from), size};
    flip(wrong.data(), size, which);
    return write(wrong.data(), size);
  }
  if (which.fault.starts_with("torn")) (void)!write(from, size / 2);
  if (which.fault == "torn-kill") ::kill(::getpid(), SIGKILL);
  errno = error_of(which);
  return -1;
}

}  // namespace

extern "C" {

ssize_t write(int fd, const void* from, std::size_t size) {
  static const auto real = next<decltype(&write)>("write");
  const auto struck = layer().judge("write", fd, -1, size);
  if (!struck) return real(fd, from, size);
  return write_struck(*struck, from, size,
                      [fd](const void* part, std::size_t n) { return real(fd, part, n); });
}

ssize_t pwrite(int fd, const void* from, std::size_t size, off_t at) {
  static const auto real = next<decltype(&pwrite)>("pwrite");
  const auto struck = layer().judge("write", fd, at, size);
  if (!struck) return real(fd, from, size, at);
  return write_struck(*struck, from, size,
                      [fd, at](const void* part, std::size_t n) { return real(fd, part, n, at); });
}

ssize_t pread(int fd, void* to, std::size_t size, off_t at) {
  static const auto real = next<decltype(&pread)>("pread");
  const auto struck = layer().judge("read", fd, at, size);
  if (struck && struck->fault != "flip") return errno = error_of(*struck), -1;
  const auto got = real(fd, to, size, at);
  if (struck && got > 0) flip(static_cast<char*>(to), static_cast<std::size_t>(got), *struck);
  return got;
}

int fsync(int fd) {
  static const auto real = next<decltype(&fsync)>("fsync");
  if (const auto struck = layer().judge("sync", fd, 0, 0)) return errno = error_of(*struck), -1;
  return real(fd);
}

int fdatasync(int fd) {
  static const auto real = next<decltype(&fdatasync)>("fdatasync");
  if (const auto struck = layer().judge("sync", fd, 0, 0)) return errno = error_of(*struck), -1;
  return real(fd);
}

int ftruncate(int fd, off_t size) noexcept {
  static const auto real = next<decltype(&ftruncate)>("ftruncate");
  if (const auto struck = layer().judge("truncate", fd, 0, 0)) return errno = error_of(*struck), -1;
  return real(fd, size);
}

int fallocate(int fd, int mode, off_t at, off_t size) {
  static const auto real = next<decltype(&fallocate)>("fallocate");
  if (const auto struck = layer().judge("reserve", fd, 0, 0)) return errno = error_of(*struck), -1;
  return real(fd, mode, at, size);
}

int posix_fallocate(int fd, off_t at, off_t size) {
  static const auto real = next<decltype(&posix_fallocate)>("posix_fallocate");
  if (const auto struck = layer().judge("reserve", fd, 0, 0)) return error_of(*struck);
  return real(fd, at, size);
}

}  // extern "C"
