#include "runtime/simulation/sim_disk.hpp"
#include "runtime/simulation/sim_file.hpp"

#include <string_view>
#include <utility>
#include <vector>

namespace us::sim {

namespace {

failure outside(const std::string& path) {
  return {errc::io_failed, path + ": leaves the data directory"};
}

failure power_lost() {
  return {errc::io_failed, "the simulated node is down"};
}

/// Without "./" in front and '/' behind; "" is the data directory itself.
std::string normal(std::string path) {
  while (path.starts_with("./")) path.erase(0, 2);
  while (path.ends_with('/')) path.pop_back();
  return path == "." ? std::string{} : path;
}

/// A name that leaves the data directory is refused whatever made it.
bool inside(std::string_view path) {
  return !path.starts_with('/') &&
         ("/" + std::string{path} + "/").find("/../") == std::string::npos;
}

class file_port final : public us::file {
 public:
  file_port(std::shared_ptr<disk_access> access, std::shared_ptr<stored_file> content,
            bool writable)
      : access_(std::move(access)), content_(std::move(content)), writable_(writable) {}

  result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> into) override {
    auto* disk = access_->operation();
    if (disk == nullptr) return power_lost();
    return disk->read(*content_, offset, into);
  }
  status write_at(std::uint64_t offset, std::span<const std::byte> bytes) override {
    if (!writable_) return failure{errc::io_failed, "the file was opened for reading"};
    if (bytes.empty()) return done{};
    auto* disk = access_->operation();
    if (disk == nullptr) return power_lost();
    return disk->write(*content_, offset, bytes);
  }
  status sync() override {
    auto* disk = access_->operation();
    if (disk == nullptr) return power_lost();
    return disk->sync(*content_);
  }
  result<std::uint64_t> size() override {
    if (access_->operation() == nullptr) return power_lost();
    return content_->current.size();
  }
  status truncate(std::uint64_t size) override {
    if (!writable_) return failure{errc::io_failed, "the file was opened for reading"};
    auto* disk = access_->operation();
    if (disk == nullptr) return power_lost();
    return disk->truncate(*content_, size);
  }
  status reserve(std::uint64_t size) override {
    const std::uint64_t end = content_->current.size();
    if (size <= end) return done{};
    return write_at(end, std::vector<std::byte>(static_cast<std::size_t>(size - end)));
  }

 private:
  std::shared_ptr<disk_access> access_;
  std::shared_ptr<stored_file> content_;
  bool writable_;
};

class disk_port final : public us::disk {
 public:
  explicit disk_port(std::shared_ptr<disk_access> access) : access_(std::move(access)) {}

  result<std::unique_ptr<file>> open(const std::string& path, open_mode mode) override {
    if (!inside(path)) return outside(path);
    auto* disk = access_->operation();
    if (disk == nullptr) return power_lost();
    const auto name = normal(path);
    auto content = disk->find(name);
    if (!content) {
      if (disk->is_directory(name)) return failure{errc::io_failed, path + ": is a directory"};
      if (mode != open_mode::create)
        return failure{errc::not_found, path + ": no such file or directory"};
      auto made = disk->create(name);
      if (!made) return made.error();
      content = *made;
    }
    return std::unique_ptr<file>{
        std::make_unique<file_port>(access_, std::move(content), mode != open_mode::read)};
  }
  result<std::vector<std::string>> list(const std::string& directory) override {
    if (!inside(directory)) return outside(directory);
    auto* disk = access_->operation();
    if (disk == nullptr) return power_lost();
    const auto name = normal(directory);
    if (disk->find(name)) return failure{errc::io_failed, directory + ": is not a directory"};
    return disk->list(name);
  }
  status make_directory(const std::string& directory) override {
    if (!inside(directory)) return outside(directory);
    auto* disk = access_->operation();
    if (disk == nullptr) return power_lost();
    return disk->make_directory(normal(directory));
  }
  status rename(const std::string& from, const std::string& to) override {
    if (!inside(from) || !inside(to)) return outside(from);
    auto* disk = access_->operation();
    if (disk == nullptr) return power_lost();
    return disk->rename(normal(from), normal(to));
  }
  status remove(const std::string& path) override {
    if (!inside(path)) return outside(path);
    auto* disk = access_->operation();
    if (disk == nullptr) return power_lost();
    return disk->remove(normal(path));
  }
  status sync_directory(const std::string& directory) override {
    if (!inside(directory)) return outside(directory);
    auto* disk = access_->operation();
    if (disk == nullptr) return power_lost();
    const auto name = normal(directory);
    if (!disk->is_directory(name))
      return failure{errc::not_found, directory + ": no such directory"};
    disk->sync_directory(name);
    return done{};
  }
  std::uint64_t boot() override {
    auto* disk = access_->operation();
    return disk == nullptr ? 0 : disk->boot();
  }

 private:
  std::shared_ptr<disk_access> access_;
};

}  // namespace

disk_image* disk_access::operation() {
  if (image_ == nullptr || operations_left_ == 0) return nullptr;
  if (operations_left_ != UINT64_MAX) --operations_left_;
  return image_;
}

std::shared_ptr<us::disk> make_disk_port(std::shared_ptr<disk_access> access) {
  return std::make_shared<disk_port>(std::move(access));
}

}  // namespace us::sim
