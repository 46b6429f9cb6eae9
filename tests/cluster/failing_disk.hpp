#pragma once
/// The disk of one node's process, whose faults a test switches while it runs: see
/// failing_files.cpp for the rules. Made before the node is started.

#include "tests/cluster/process_cluster.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace us::test {

class failing_disk {
 public:
  failing_disk(process_cluster& cluster, const std::string& node)
      : control_(cluster.directory() + "/" + node + ".faults") {
    cluster.set_environment(node, {{"LD_PRELOAD", FAILING_FILES},
                                   {"ASAN_OPTIONS", sanitizer_options()},
                                   {"UNDERSTUDY_FAILING_FILES", control_},
                                   {"UNDERSTUDY_FAILING_BELOW", cluster.directory() + "/" + node}});
  }

  /// From the next call of the process on; in place of the former rules.
  void set(const std::string& rules) const {
    std::ofstream{control_ + ".new"} << rules << "\n";
    std::filesystem::rename(control_ + ".new", control_);
  }
  void heal() const { set(""); }
  /// How many calls were struck so far.
  std::size_t hits() const {
    std::ifstream in{control_ + ".hits"};
    return static_cast<std::size_t>(std::count(std::istreambuf_iterator<char>{in}, {}, '\n'));
  }

 private:
  /// Else AddressSanitizer wants its library to be the first.
  static std::string sanitizer_options() {
    const char* given = std::getenv("ASAN_OPTIONS");
    return (given == nullptr ? std::string{} : given + std::string{":"}) +
           "verify_asan_link_order=0";
  }

  std::string control_;
};

}  // namespace us::test
