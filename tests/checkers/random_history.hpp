#pragma once
/// Histories of simulated clients of one object per key, from a seed: linearizable as they are
/// made, for each operation happens at one moment between its beginning and its end; and mutations
/// of them.

#include "runtime/checkers/history.hpp"
#include "runtime/checkers/object_model.hpp"

#include <cstdint>

namespace us::test {

struct history_shape {
  object_model model = object_model::cas_register;
  std::size_t clients = 3;
  std::size_t operations = 8;
  std::size_t keys = 1;
  std::uint64_t values = 3;  ///< how many differ; 0: each is unique
  std::uint64_t open_percent = 10;
  std::uint64_t cas_percent = 20;  ///< of a register's operations
};

history random_history(const history_shape& shape, std::uint64_t seed);

/// The same with one done read or get returning something else: what another one of its key
/// returned.
history with_one_wrong_read(const history& h, std::uint64_t seed);

}  // namespace us::test
