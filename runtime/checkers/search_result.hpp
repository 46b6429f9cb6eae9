#pragma once
/// What a search for a linearization is bounded by, and what it returns.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace us {

enum class verdict { linearizable, not_linearizable, undecided };

struct search_limits {
  std::size_t memory_bytes = std::size_t{1} << 30;  ///< of what a search remembers, about
  /// Asked now and then; true ends the search as undecided. Empty: never.
  std::function<bool()> stop;
};

struct search_result {
  enum verdict verdict = verdict::undecided;
  std::string undecided_by;             ///< "memory limit" or "time limit"
  std::vector<std::size_t> linearized;  ///< the longest order found, as indices of operations
  std::size_t blocked = none;  ///< the operation that ended before it could be given a moment
  std::vector<std::size_t>
      unplaced;  ///< begun before `blocked` ended, not in `linearized`; with it

  static constexpr std::size_t none = static_cast<std::size_t>(-1);
};

}  // namespace us
