#include "runtime/simulation/trace_hash.hpp"

#include <xxhash.h>

namespace us::sim {

// Each piece is hashed with what came before as its seed: a stream would buffer every one of them.
void trace_hash::add(const header& h, std::span<const std::byte> bytes) {
  value_ = XXH3_64bits_withSeed(&h, sizeof h, value_);
  if (!bytes.empty()) value_ = XXH3_64bits_withSeed(bytes.data(), bytes.size(), value_);
}

void trace_hash::add(std::string_view text) {
  value_ = XXH3_64bits_withSeed(text.data(), text.size(), value_);
}

}  // namespace us::sim
