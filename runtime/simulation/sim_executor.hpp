#pragma once
/// Executor port in simulation: jobs of a lane one after another, each taking virtual time
/// drawn from the node's stream. A job runs at the moment at which it ends; a crash before
/// that runs a random part of it (see disk_access::die_after).

#include "runtime/ports/executor.hpp"
#include "runtime/simulation/random_stream.hpp"
#include "runtime/simulation/sim_disk.hpp"

#include <array>
#include <deque>
#include <memory>
#include <utility>

namespace us::sim {

class incarnation;

class executor_port final : public us::executor {
 public:
  /// `chance` and `image` are the node's and outlive every use while the incarnation is alive.
  executor_port(std::shared_ptr<incarnation> who, random_stream& chance, disk_image& image)
      : who_(std::move(who)), chance_(chance), image_(image) {}

  void run(lane where, std::function<void()> job, caf::actor receiver, task then) override;
  /// At once half of the times that the lane is idle and the disk answers, else as run().
  void run_brief(lane where, std::function<void()> job, caf::actor receiver, task then) override;

  // -- for the world
  /// The first job of the lane ends now.
  void finish(std::size_t lane_index);
  /// The disk answers again: jobs that had their time end now.
  void continue_parked();
  /// Crash: runs a part of the jobs that were being done; drops all.
  void cut_off();
  /// Ends all jobs at once: an orderly exit.
  void drain();

 private:
  struct job {
    std::function<void()> work;
    caf::actor receiver;
    task then;
  };
  struct queue {
    std::deque<job> jobs;
    bool parked = false;
  };

  void begin(std::size_t lane_index);

  std::shared_ptr<incarnation> who_;
  random_stream& chance_;
  disk_image& image_;
  std::array<queue, count_of_lanes> lanes_;
};

}  // namespace us::sim
