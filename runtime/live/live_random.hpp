#pragma once
/// The random port, seeded by the machine. Thread-safe. Not for secrets.

#include "runtime/ports/random.hpp"

#include <mutex>
#include <random>

namespace us {

class live_random final : public random_source {
 public:
  live_random();
  std::uint64_t next() override;

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
};

}  // namespace us
