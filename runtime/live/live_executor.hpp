#pragma once
/// The executor port: one thread per lane, first in, first out.
///
/// Brief jobs run on the thread that asks, beside what other threads give meanwhile.
/// Destruction finishes the jobs that are queued, then joins the threads; so it takes as long as
/// they do and no longer. It may happen on a lane's own thread (a job's closure held the
/// last reference): that thread then ends by itself. Thread-safe.

#include "runtime/ports/executor.hpp"

#include <array>
#include <memory>

namespace us {

class live_executor final : public executor {
 public:
  live_executor();
  ~live_executor() override;
  live_executor(const live_executor&) = delete;
  live_executor& operator=(const live_executor&) = delete;

  void run(lane where, std::function<void()> job, caf::actor receiver, task then) override;
  /// On the caller's thread if the lane is idle: handing over a job costs more than a short write.
  void run_brief(lane where, std::function<void()> job, caf::actor receiver, task then) override;
  /// Finishes the jobs that are queued; takes no more. Not from a job.
  void finish();

 private:
  class worker;
  std::array<std::unique_ptr<worker>, 2> workers_;  ///< by lane
};

}  // namespace us
