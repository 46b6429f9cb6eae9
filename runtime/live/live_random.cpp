#include "runtime/live/live_random.hpp"

namespace us {

live_random::live_random() {
  std::random_device machine;
  std::seed_seq seed{machine(), machine(), machine(), machine()};
  engine_.seed(seed);
}

std::uint64_t live_random::next() {
  std::lock_guard lock{mutex_};
  return engine_();
}

}  // namespace us
