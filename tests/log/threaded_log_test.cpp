// The log and its jobs on threads that a thread sanitizer sees through: CAF's mailboxes, in a
// library built without it, look like races. The owner is the test's own thread.
#include "runtime/live/live_disk.hpp"
#include "tests/log/log_harness.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

#include <unistd.h>

namespace us::test {
namespace {

/// One thread per lane; the answers wait until the owner's thread takes them.
class threaded_executor final : public executor {
 public:
  threaded_executor() {
    for (auto& each : lanes_) each.thread = std::jthread{[this, &each] { work(each); }};
  }
  ~threaded_executor() override {
    {
      std::lock_guard lock{mutex_};
      closed_ = true;
    }
    changed_.notify_all();
  }

  void run(lane where, std::function<void()> job, caf::actor, task then) override {
    {
      std::lock_guard lock{mutex_};
      lanes_[static_cast<std::size_t>(where)].jobs.emplace_back(std::move(job), std::move(then));
    }
    changed_.notify_all();
  }
  /// Runs the next answer in this thread. False: none came within the deadline.
  bool answer() {
    std::unique_lock lock{mutex_};
    auto came = [this] { return !answers_.empty(); };
    if (!changed_.wait_for(lock, std::chrono::seconds{60}, came)) return false;
    auto next = std::move(answers_.front());
    answers_.pop_front();
    lock.unlock();
    next();
    return true;
  }

 private:
  using queued = std::pair<std::function<void()>, task>;
  struct lane_state {
    std::deque<queued> jobs;
    std::jthread thread;
  };

  void work(lane_state& mine) {
    std::unique_lock lock{mutex_};
    for (;;) {
      changed_.wait(lock, [&] { return closed_ || !mine.jobs.empty(); });
      if (mine.jobs.empty()) return;
      auto next = std::move(mine.jobs.front());
      mine.jobs.pop_front();
      lock.unlock();
      next.first();
      next.first = nullptr;
      lock.lock();
      answers_.push_back(std::move(next.second));
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<task> answers_;
  bool closed_ = false;
  std::array<lane_state, count_of_lanes> lanes_;  // last: the threads end before what they use
};

class ThreadedLog : public testing::Test {
 protected:
  ThreadedLog() {
    auto path = std::filesystem::temp_directory_path() / "understudy-threaded-log-XXXXXX";
    directory_ = path.string();
    if (::mkdtemp(directory_.data()) == nullptr) throw std::runtime_error{"no temporary directory"};
    auto opened = live_disk::open_directory(directory_);
    if (!opened) throw std::runtime_error{opened.error().text};
    disk_ = *opened;
  }
  ~ThreadedLog() override {
    log_.reset();
    jobs_.reset();
    disk_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  void open() {
    auto opened = open_segmented_log(disk_, jobs_, time_, "log",
                                     {.segment_bytes = 4096, .cache_bytes = 500});
    if (!opened) throw std::runtime_error{opened.error().text};
    log_ = std::move(*opened);
    attach();
  }
  void attach() {
    log_->attach(owner_, {[](log_index) {}, [](const failure& why) { ADD_FAILURE() << why.text; }});
  }
  void append(int count) {
    for (int i = 0; i < count; ++i) {
      auto index = log_->last_index().next();
      log_->append({index, {1}, bytes_of(to_string(index))}, {});
    }
  }
  void wait_for(log_index durable) {
    while (log_->durable_index() < durable)
      if (!jobs_->answer()) FAIL() << "no answer within 60 s";
  }

  std::string directory_;
  std::shared_ptr<live_disk> disk_;
  std::shared_ptr<threaded_executor> jobs_ = std::make_shared<threaded_executor>();
  std::shared_ptr<manual_clock> time_ = std::make_shared<manual_clock>();
  caf::actor owner_ = new_owner();
  std::unique_ptr<change_log> log_;
};

TEST_F(ThreadedLog, AppendsAndReadsWhileJobsRun) {
  open();
  std::uint64_t read = 0;
  for (int i = 0; i < 100; ++i) {
    append(7);
    log_->read({1 + static_cast<std::uint64_t>(i) * 3}, 200, [&](auto entries) {
      ASSERT_TRUE(entries) << entries.error().text;
      read += entries->size();
    });
    jobs_->answer();
  }
  wait_for({700});
  EXPECT_GT(read, 0u);
}

TEST_F(ThreadedLog, ChangesOwnersWhileJobsRun) {
  open();
  for (int i = 0; i < 100; ++i) {
    append(5);
    if (i % 3 == 0) log_->truncate_after({log_->last_index().value - 2});
    attach();
    jobs_->answer();
  }
  wait_for(log_->last_index());
  EXPECT_TRUE(log_->idle() || log_->durable_index() == log_->last_index());
}

TEST_F(ThreadedLog, IsOpenedAnewWhileJobsOfTheFormerOneRun) {
  std::uint64_t durable = 0;
  for (int i = 0; i < 50; ++i) {
    open();
    EXPECT_GE(log_->last_index().value, durable);
    append(20);
    for (int answers = 0; answers < i % 4; ++answers) jobs_->answer();
    durable = log_->durable_index().value;
    log_.reset();
  }
}

}  // namespace
}  // namespace us::test
