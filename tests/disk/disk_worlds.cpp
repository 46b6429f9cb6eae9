#include "tests/disk/disk_worlds.hpp"

#include "runtime/live/live_disk.hpp"
#include "runtime/simulation/sim_disk.hpp"
#include "tests/live/temporary_directory.hpp"

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <sys/mount.h>

namespace us::test {

namespace {

class simulated_world final : public disk_world {
 public:
  explicit simulated_world(std::uint64_t capacity) { image_.capacity(capacity); }
  disk& port() override { return *port_; }

 private:
  sim::disk_image image_{sim::random_stream{1}};
  std::shared_ptr<disk> port_ = sim::make_disk_port(std::make_shared<sim::disk_access>(image_));
};

/// A file system in memory, mounted while this exists; 0 bytes: none, a directory as it is.
class mounted {
 public:
  mounted(std::string path, std::uint64_t bytes) : path_(std::move(path)) {
    if (bytes == 0) return;
    const auto size = "size=" + std::to_string(bytes);
    if (::mount("tmpfs", path_.c_str(), "tmpfs", 0, size.c_str()) != 0)
      throw std::runtime_error{std::string{"mount tmpfs: "} + std::strerror(errno)};
    mounted_ = true;
  }
  ~mounted() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  mounted(const mounted&) = delete;
  mounted& operator=(const mounted&) = delete;

 private:
  std::string path_;
  bool mounted_ = false;
};

class live_world final : public disk_world {
 public:
  explicit live_world(std::uint64_t capacity)
      : on_{home_.path(), capacity}, disk_(*live_disk::open_directory(home_ / "data")) {}
  disk& port() override { return *disk_; }

 private:
  temporary_directory home_;
  mounted on_;
  std::shared_ptr<live_disk> disk_;
};

}  // namespace

std::string to_string(disk_kind kind) {
  return kind == disk_kind::live ? "Live" : "Simulated";
}

std::unique_ptr<disk_world> make_disk(disk_kind kind) {
  if (kind == disk_kind::live) return std::make_unique<live_world>(0);
  return std::make_unique<simulated_world>(0);
}

std::unique_ptr<disk_world> make_small_disk(disk_kind kind, std::uint64_t bytes,
                                            std::string& why_not) {
  if (kind == disk_kind::simulated) return std::make_unique<simulated_world>(bytes);
  try {
    return std::make_unique<live_world>(bytes);
  } catch (const std::runtime_error& e) {
    why_not = e.what();
    return nullptr;
  }
}

}  // namespace us::test
