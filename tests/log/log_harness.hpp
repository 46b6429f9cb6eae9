#pragma once
/// What the change log's tests stand on: an executor and a clock that move when the test says,
/// owners that are only names, and worlds, in which a log is kept and may crash.

#include "runtime/log/change_log.hpp"

#include <caf/all.hpp>

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace us::test {

/// Runs a job when told to; its answer is delivered separately, unless the receiver has died.
class manual_executor final : public executor {
 public:
  void run(lane where, std::function<void()> job, caf::actor receiver, task then) override {
    lanes_[static_cast<std::size_t>(where)].push_back({std::move(job), std::move(receiver), then});
  }

  std::size_t waiting(lane where) const { return lanes_[static_cast<std::size_t>(where)].size(); }
  std::size_t answers() const { return answers_.size(); }
  std::size_t jobs_done() const { return jobs_done_; }

  bool run_job(lane where) {
    auto& jobs = lanes_[static_cast<std::size_t>(where)];
    if (jobs.empty()) return false;
    auto next = std::move(jobs.front());
    jobs.pop_front();
    next.job();
    next.job = nullptr;
    if (where == lane::log) ++jobs_done_;
    answers_.push_back(std::move(next));
    return true;
  }
  bool answer() {
    if (answers_.empty()) return false;
    auto next = std::move(answers_.front());
    answers_.pop_front();
    if (!dead_.contains(next.receiver.id())) next.then();
    return true;
  }
  bool run_one(lane where) {
    auto ran = run_job(where);
    while (answer()) {
    }
    return ran;
  }
  void run_all() {
    while (run_one(lane::log) || run_one(lane::sync) || run_one(lane::bulk)) {
    }
  }
  /// The process ends: nothing that waits is ever run.
  void drop_all() {
    for (auto& jobs : lanes_) jobs.clear();
    answers_.clear();
  }
  void kill(const caf::actor& owner) { dead_.insert(owner.id()); }
  bool dead(const caf::actor& owner) const { return dead_.contains(owner.id()); }

 private:
  struct queued {
    std::function<void()> job;
    caf::actor receiver;
    task then;
  };
  std::array<std::deque<queued>, count_of_lanes> lanes_;
  std::deque<queued> answers_;
  std::set<caf::actor_id> dead_;
  std::size_t jobs_done_ = 0;
};

class manual_clock final : public clock {
 public:
  time_point now() const override { return time_point{elapsed_}; }
  std::int64_t wall_ms() const override { return 1'700'000'000'000 + elapsed_.count() / 1'000'000; }
  void after(duration delay, caf::actor, task work) override {
    timers_.push_back({elapsed_ + delay, std::move(work)});
  }
  void advance(duration by) {
    elapsed_ += by;
    auto timers = std::move(timers_);
    timers_.clear();
    for (auto& timer : timers)
      if (timer.due <= elapsed_)
        timer.work();
      else
        timers_.push_back(timer);
  }

 private:
  struct timer {
    duration due;
    task work;
  };
  duration elapsed_{0};
  std::vector<timer> timers_;
};

/// An actor that exists to be named; nothing is ever sent to it. One system for all tests of
/// the process, without threads, and never destroyed.
inline caf::actor new_owner() {
  struct no_threads : caf::actor_system_config {
    no_threads() { set("scheduler.policy", caf::atom("testing")); }
  };
  struct named_actor : caf::event_based_actor {
    using event_based_actor::event_based_actor;
    caf::behavior make_behavior() override {
      return {[](int) {}};
    }
  };
  static auto* config = new no_threads;
  static auto* system = new caf::actor_system{*config};
  static auto* all = new std::vector<caf::actor>;
  all->push_back(system->spawn<named_actor>());
  return all->back();
}

/// Where a log is kept.
class log_world {
 public:
  virtual ~log_world() = default;
  virtual result<std::unique_ptr<change_log>> open(std::shared_ptr<executor> jobs,
                                                   std::shared_ptr<clock> time,
                                                   log_options options) = 0;
  /// Loses what was not synced, where that is possible.
  virtual void crash() {}
};

struct world_kind {
  std::string name;
  std::function<std::unique_ptr<log_world>()> make;
  bool forgets_by_age = true;
};
inline void PrintTo(const world_kind& kind, std::ostream* out) {
  *out << kind.name;
}

inline entry_bytes bytes_of(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

}  // namespace us::test
