#pragma once
/// The state kept in memory; restored from the change log at start.

#include "runtime/state/state.hpp"

#include <memory>

namespace us {

std::unique_ptr<state> make_memory_state();

}  // namespace us
