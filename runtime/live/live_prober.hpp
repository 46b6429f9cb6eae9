#pragma once
/// The prober on a real machine: sockets and processes, all watched by one thread.
///
/// Bounds: each probe ends at its timeout; a command that does not is killed with its whole
/// process group, and waited for. Nothing is reported after the destructor.

#include "runtime/live/socket.hpp"
#include "runtime/ports/prober.hpp"

#include <memory>
#include <thread>

namespace us {

class live_prober final : public prober {
 public:
  live_prober();
  ~live_prober() override;

  void run(const probe& what, std::chrono::milliseconds timeout, caf::actor receiver,
           std::function<void(const probe_result&)> then) override;

 private:
  struct impl;
  std::shared_ptr<impl> impl_;
  std::thread thread_;
};

}  // namespace us
