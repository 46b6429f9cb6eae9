#pragma once
/// Counts calls that ask the machine instead of the seed: clock_gettime, gettimeofday, time,
/// getrandom, getentropy, getpid. Linked into a test program it stands in front of the C library
/// for everything in the process, the C++ library and CAF included, and passes on to the kernel.

#include <string>

namespace us::test {

/// Counts while it exists; one at a time.
class reality_probe {
 public:
  reality_probe();
  ~reality_probe();
  reality_probe(const reality_probe&) = delete;
  reality_probe& operator=(const reality_probe&) = delete;

  /// "clock_gettime 3 getpid 1"; empty when nothing was asked.
  std::string seen() const;
};

}  // namespace us::test
