#pragma once
/// A directory of inputs for a fuzz target: one file each.

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>

namespace us::fuzz {

class seed_directory {
 public:
  explicit seed_directory(std::filesystem::path where) : where_(std::move(where)) {
    std::filesystem::create_directories(where_);
  }

  void write(const std::string& name, std::span<const std::byte> bytes) const {
    std::ofstream out{where_ / name, std::ios::binary};
    out.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
    complete_ = complete_ && out.flush().good();
  }
  /// False: a file could not be written.
  bool complete() const { return complete_; }

 private:
  std::filesystem::path where_;
  mutable bool complete_ = true;
};

}  // namespace us::fuzz
