#pragma once
/// What an append costs in CPU time without the disk and without a thread: encoding,
/// checksum, bookkeeping, cache. For finding out what our own code adds to a write.

#include "runtime/ports/clock.hpp"

#include <cstddef>

namespace us::bench {

/// CPU nanoseconds per entry, with `group` entries to a write.
double append_cost_ns(std::size_t entry_bytes, std::size_t group);

}  // namespace us::bench
