#include "runtime/live/live_executor.hpp"

#include <caf/send.hpp>
#include <pthread.h>
#include <sched.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace us {

namespace {

// A write into the kernel's cache takes microseconds. Where one took this long, the disk is behind
// it after all, and for some time no thread but the lane's shall wait for it.
constexpr auto brief_max = std::chrono::milliseconds{5};

struct queued_job {
  std::function<void()> job;
  caf::actor receiver;
  task then;
};

// Shared with the thread, which may outlive the executor by one job.
struct job_queue {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<queued_job> jobs;
  bool running = false;
  bool closed = false;

  bool idle() {
    std::lock_guard lock{mutex};
    return !running && !closed && jobs.empty();
  }
  void push(queued_job next) {
    {
      std::lock_guard lock{mutex};
      if (closed) return;
      jobs.push_back(std::move(next));
    }
    changed.notify_one();
  }
  void close() {
    {
      std::lock_guard lock{mutex};
      closed = true;
    }
    changed.notify_one();
  }
  // False: closed, and nothing is left.
  bool pop(queued_job& next) {
    std::unique_lock lock{mutex};
    running = false;
    changed.wait(lock, [this] { return closed || !jobs.empty(); });
    if (jobs.empty()) return false;
    next = std::move(jobs.front());
    jobs.pop_front();
    running = true;
    return true;
  }
};

void run_and_answer(queued_job next) {
  next.job();
  next.job = nullptr;
  if (next.receiver) caf::anon_send(next.receiver, std::move(next.then));
}

void work_off(const std::shared_ptr<job_queue>& queue) {
  for (;;) {
    queued_job next;
    if (!queue->pop(next)) return;
    run_and_answer(std::move(next));
  }
}

}  // namespace

class live_executor::worker {
 public:
  explicit worker(lane where)
      : queue_(std::make_shared<job_queue>()), thread_([q = queue_] { work_off(q); }) {
    if (where != lane::idle) return;
    const sched_param none{};  // where that is not allowed, it is as urgent as the others
    (void)pthread_setschedparam(thread_.native_handle(), SCHED_IDLE, &none);
  }
  ~worker() {
    queue_->close();
    if (thread_.get_id() == std::this_thread::get_id()) thread_.detach();  // else it joins
  }
  void push(queued_job next) { queue_->push(std::move(next)); }
  bool idle() { return queue_->idle(); }
  void finish() {
    queue_->close();
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::shared_ptr<job_queue> queue_;
  std::jthread thread_;
};

live_executor::live_executor(std::chrono::nanoseconds distrust) : distrust_(distrust) {
  for (std::size_t i = 0; i < workers_.size(); ++i)
    workers_[i] = std::make_unique<worker>(static_cast<lane>(i));
}

live_executor::~live_executor() = default;

void live_executor::finish() {
  for (auto& each : workers_) each->finish();
}

void live_executor::run(lane where, std::function<void()> job, caf::actor receiver, task then) {
  workers_[static_cast<std::size_t>(where)]->push(
      {std::move(job), std::move(receiver), std::move(then)});
}

bool live_executor::busy() const {
  for (auto each : {lane::log, lane::sync, lane::bulk})
    if (!workers_[static_cast<std::size_t>(each)]->idle()) return true;
  return false;
}

void live_executor::run_brief(lane where, std::function<void()> job, caf::actor receiver,
                              task then) {
  const auto begun = std::chrono::steady_clock::now();
  if (busy() || begun.time_since_epoch().count() < distrusted_until_.load())
    return run(where, std::move(job), std::move(receiver), std::move(then));
  run_and_answer({std::move(job), std::move(receiver), std::move(then)});
  const auto ended = std::chrono::steady_clock::now();
  if (ended - begun > brief_max) distrusted_until_ = (ended + distrust_).time_since_epoch().count();
}

}  // namespace us
