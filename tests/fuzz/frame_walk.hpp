#pragma once
/// Reads every field of a frame whose type is one of this project's schemas, as its handlers
/// would, by Cap'n Proto's reflection. Throws kj::Exception where a handler's reading would.

#include "messages/frame.hpp"

#include <cstddef>

namespace us::fuzz {

/// Reads the body as its type, or as any of the known types when its own is unknown.
/// Stops after `values_max` values: the time for one input is bounded.
void walk(const frame& f, std::size_t values_max = 100'000);

}  // namespace us::fuzz
