#pragma once
/// Chance. Live: seeded by the machine. Simulation: by the run's seed.

#include <cstdint>

namespace us {

class random_source {
 public:
  virtual ~random_source() = default;
  virtual std::uint64_t next() = 0;
  /// Uniform in [low, high].
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return low + next() % (high - low + 1);
  }
};

}  // namespace us
