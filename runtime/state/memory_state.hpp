#pragma once
/// The state kept in memory; restored from the change log at start.
///
/// Owns copies of keys and values, one allocation per record in one small table per slot.
/// Keys and values of up to 4 GiB each.

#include "runtime/state/state.hpp"

#include <memory>

namespace us {

std::unique_ptr<state> make_memory_state();

}  // namespace us
