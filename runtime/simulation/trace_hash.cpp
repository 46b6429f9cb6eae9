#include "runtime/simulation/trace_hash.hpp"

#include <xxhash.h>

#include <new>

namespace us::sim {

trace_hash::trace_hash() : state_(XXH3_createState()) {
  if (!state_) throw std::bad_alloc{};
  XXH3_64bits_reset(state_.get());
}

void trace_hash::deleter::operator()(XXH3_state_s* state) const noexcept {
  XXH3_freeState(state);
}

void trace_hash::add(const header& h, std::span<const std::byte> bytes) {
  XXH3_64bits_update(state_.get(), &h, sizeof h);
  if (!bytes.empty()) XXH3_64bits_update(state_.get(), bytes.data(), bytes.size());
}

void trace_hash::add(std::string_view text) {
  XXH3_64bits_update(state_.get(), text.data(), text.size());
}

std::uint64_t trace_hash::value() const {
  return XXH3_64bits_digest(state_.get());
}

}  // namespace us::sim
