#pragma once
/// One actor that keeps a number of appends outstanding in a change log: closed loop.

#include "runtime/log/change_log.hpp"

#include <caf/actor_system.hpp>

#include <functional>
#include <string>

namespace us::bench {

struct load {
  std::size_t entry_bytes = 128;
  std::size_t outstanding = 1;
  duration length{0};
};

struct figures {
  double per_second = 0;
  double p50_us = 0;
  double p99_us = 0;
  double cpu_us = 0;  ///< of the whole process, user and system, per entry
  bool failed = false;
};

/// Blocks until the load has run. `open` is called in this thread before it starts.
figures run_load(caf::actor_system& system, const std::shared_ptr<us::clock>& time,
                 std::unique_ptr<change_log> log, const load& what);

/// The same figures of write and sync without a log: one file, one thread, no hand-off.
figures run_raw(disk& where, us::clock& time, std::size_t bytes, bool reserved, duration length);

std::string to_string(const figures& f);

}  // namespace us::bench
