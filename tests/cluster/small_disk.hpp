#pragma once
/// A small file system of its own for a node's data; gone when this goes. Needs root: mounted()
/// says whether it is there.

#include <filesystem>
#include <string>
#include <sys/mount.h>

namespace us::test {

class small_disk {
 public:
  small_disk(std::string path, const std::string& size) : path_(std::move(path)) {
    std::filesystem::create_directories(path_);
    mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
  }
  ~small_disk() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  small_disk(const small_disk&) = delete;
  small_disk& operator=(const small_disk&) = delete;
  bool mounted() const { return mounted_; }

 private:
  std::string path_;
  bool mounted_ = false;
};

}  // namespace us::test
