#pragma once
/// The worlds in which the disk port's contract is held: POSIX files in a directory of the test's
/// own, and the simulated disk.

#include "runtime/ports/disk.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace us::test {

class disk_world {
 public:
  virtual ~disk_world() = default;
  virtual disk& port() = 0;
};

enum class disk_kind { simulated, live };
std::string to_string(disk_kind kind);

std::unique_ptr<disk_world> make_disk(disk_kind kind);
/// A disk with room for about this many bytes. Null: this machine does not let the test make one;
/// `why_not` says why.
std::unique_ptr<disk_world> make_small_disk(disk_kind kind, std::uint64_t bytes,
                                            std::string& why_not);

}  // namespace us::test
