#pragma once
/// One probe under way: a socket or a process, driven by whoever polls its descriptor. Used only by
/// the live prober. Never blocks.

#include "runtime/live/socket.hpp"
#include "runtime/ports/prober.hpp"

#include <memory>
#include <optional>

namespace us {

class probe_job {
 public:
  virtual ~probe_job() = default;
  virtual int descriptor() const = 0;
  virtual short events() const = 0;  ///< for poll()
  /// The descriptor is ready. A result ends the probe.
  virtual std::optional<probe_result> ready() = 0;
  /// Stops it: the time is over. True: it may be destroyed at once; false: only after
  /// ready() has given a result, which nobody waits for.
  virtual bool cancel() { return true; }
};

/// Starts a probe, or says at once how it ended.
struct started_probe {
  std::unique_ptr<probe_job> job;
  probe_result ended;  ///< when there is no job
};
started_probe start_probe(const probe& what);

/// Defined beside the others in probe_command.cpp.
started_probe start_command(const std::vector<std::string>& command);

}  // namespace us
