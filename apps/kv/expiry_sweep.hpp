#pragma once
/// Removes records whose time has come: a walk over the slots, a bounded piece of it per tick.
/// Reads see nothing of it (an expired record reads as absent at once): it only gives memory back,
/// so it saves work when it meets no record that will expire at all.

#include "runtime/service/record.hpp"

#include <cstdint>

#include "apps/kv/kv.capnp.h"

namespace kv {

class expiry_sweep {
 public:
  /// One tick's work.
  void run(us::records<Value>& records);

 private:
  std::uint32_t next_slot_ = 0;
  std::uint32_t slots_without_expiry_ = 0;  ///< walked since one that will expire was seen
};

}  // namespace kv
