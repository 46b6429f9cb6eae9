#include "runtime/live/live_executor.hpp"

#include <gtest/gtest.h>
#include <sched.h>

#include <future>
#include <optional>
#include <thread>
#include <vector>

namespace us {
namespace {

/// A job of that lane runs, until what this returns is set.
std::promise<void> keep_busy(live_executor& jobs, lane where) {
  auto begun = std::make_shared<std::promise<void>>();
  std::promise<void> release;
  jobs.run(where,
           [begun, until = release.get_future().share()] {
             begun->set_value();
             until.wait();
           },
           {}, {});
  begun->get_future().wait();
  return release;
}

TEST(LiveExecutor, RunsTheJobsOfALaneInOrder) {
  std::vector<int> ran;
  {
    live_executor jobs;
    for (int i = 0; i < 1000; ++i) jobs.run(lane::log, [&ran, i] { ran.push_back(i); }, {}, {});
  }
  ASSERT_EQ(ran.size(), 1000u);
  EXPECT_TRUE(std::is_sorted(ran.begin(), ran.end()));
}

TEST(LiveExecutor, LetsOneLaneWorkWhileAnotherIsBusy) {
  live_executor jobs;
  std::promise<void> release;
  std::promise<void> ran;
  jobs.run(lane::bulk, [f = release.get_future().share()] { f.wait(); }, {}, {});
  jobs.run(lane::log, [&ran] { ran.set_value(); }, {}, {});
  ran.get_future().wait();
  release.set_value();
}

TEST(LiveExecutor, FinishesWhatIsQueuedAndTakesNoMore) {
  int ran = 0;
  live_executor jobs;
  for (int i = 0; i < 100; ++i) jobs.run(lane::bulk, [&ran] { ++ran; }, {}, {});
  jobs.finish();
  EXPECT_EQ(ran, 100);
  jobs.run(lane::bulk, [&ran] { ++ran; }, {}, {});
  EXPECT_EQ(ran, 100);
}

TEST(LiveExecutor, RunsABriefJobAtOnceWhenTheLaneIsIdle) {
  live_executor jobs;
  std::thread::id ran_on;
  jobs.run_brief(lane::log, [&ran_on] { ran_on = std::this_thread::get_id(); }, {}, {});
  EXPECT_EQ(ran_on, std::this_thread::get_id());
}

TEST(LiveExecutor, RunsNoBriefJobAtOnceAfterOneThatTookLong) {
  live_executor jobs{std::chrono::hours{1}};
  std::promise<void> never;
  jobs.run_brief(lane::log,
                 [&never] { never.get_future().wait_for(std::chrono::milliseconds{20}); }, {}, {});
  std::thread::id ran_on;
  jobs.run_brief(lane::log, [&ran_on] { ran_on = std::this_thread::get_id(); }, {}, {});
  jobs.finish();
  EXPECT_NE(ran_on, std::this_thread::get_id());
}

TEST(LiveExecutor, RunsNoBriefJobAtOnceWhileAnotherLaneIsBusy) {
  live_executor jobs;
  auto release = keep_busy(jobs, lane::bulk);
  std::promise<std::thread::id> ran_on;
  jobs.run_brief(lane::log, [&ran_on] { ran_on.set_value(std::this_thread::get_id()); }, {}, {});
  EXPECT_NE(ran_on.get_future().get(), std::this_thread::get_id());
  release.set_value();
}

// Loading what was received takes seconds, and waits for whatever else there is to do.
TEST(LiveExecutor, TheIdleLaneGetsTheTimeThatIsLeftAndHoldsUpNobody) {
  live_executor jobs;
  std::promise<int> policy;
  jobs.run(lane::idle, [&policy] { policy.set_value(::sched_getscheduler(0)); }, {}, {});
  EXPECT_EQ(policy.get_future().get(), SCHED_IDLE);
  auto release = keep_busy(jobs, lane::idle);
  std::thread::id ran_on;
  jobs.run_brief(lane::log, [&ran_on] { ran_on = std::this_thread::get_id(); }, {}, {});
  EXPECT_EQ(ran_on, std::this_thread::get_id());
  release.set_value();
}

TEST(LiveExecutor, QueuesABriefJobBehindOneThatRuns) {
  live_executor jobs;
  auto release = keep_busy(jobs, lane::log);
  std::vector<int> ran;
  jobs.run(lane::log, [&ran] { ran.push_back(1); }, {}, {});
  jobs.run_brief(lane::log, [&ran] { ran.push_back(2); }, {}, {});
  release.set_value();
  jobs.finish();
  EXPECT_EQ(ran, (std::vector<int>{1, 2}));
  jobs.run_brief(lane::log, [&ran] { ran.push_back(3); }, {}, {});
  EXPECT_EQ(ran.size(), 2u) << "it takes no more";
}

TEST(LiveExecutor, MayBeDestroyedByItsOwnThread) {
  auto jobs = std::make_shared<live_executor>();
  std::promise<void> gone;
  std::promise<void> handed_over;
  auto* executor = jobs.get();
  executor->run(lane::log,
                [&gone, last = std::make_shared<std::shared_ptr<live_executor>>(jobs),
                 ready = handed_over.get_future().share()] {
                  ready.wait();
                  last->reset();
                  gone.set_value();
                },
                {}, {});
  jobs.reset();
  handed_over.set_value();
  gone.get_future().wait();
}

}  // namespace
}  // namespace us
