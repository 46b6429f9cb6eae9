#pragma once
/// The executor port: one thread per lane, first in, first out. That of lane::idle runs where a
/// processor has nothing else to do, under Linux' SCHED_IDLE: whatever becomes ready takes its
/// place at once. On one that is never idle it is left a three-hundredth.
///
/// Brief jobs run on the thread that asks, beside what other threads give meanwhile.
/// Destruction finishes the jobs that are queued, then joins the threads; so it takes as long as
/// they do and no longer. It may happen on a lane's own thread (a job's closure held the
/// last reference): that thread then ends by itself. Thread-safe.

#include "runtime/ports/executor.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

namespace us {

class live_executor final : public executor {
 public:
  /// `distrust`: how long brief jobs are handed over after one that was not brief.
  explicit live_executor(std::chrono::nanoseconds distrust = std::chrono::seconds{2});
  ~live_executor() override;
  live_executor(const live_executor&) = delete;
  live_executor& operator=(const live_executor&) = delete;

  void run(lane where, std::function<void()> job, caf::actor receiver, task then) override;
  /// On the caller's thread while no lane but the idle one has a job, which might be a sync that
  /// writes wait for: handing one over costs more than a short write. Not for some time after one
  /// that took over 5 ms.
  void run_brief(lane where, std::function<void()> job, caf::actor receiver, task then) override;
  /// Finishes the jobs that are queued; takes no more. Not from a job.
  void finish();

 private:
  class worker;
  bool busy() const;

  std::chrono::nanoseconds distrust_;
  std::array<std::unique_ptr<worker>, count_of_lanes> workers_;  ///< by lane
  std::atomic<std::int64_t> distrusted_until_{0};                ///< steady clock, ns
};

}  // namespace us
