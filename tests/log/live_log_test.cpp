// The log on real threads: an owner actor, the live executor, real files.
#include "runtime/live/live_clock.hpp"
#include "runtime/live/live_disk.hpp"
#include "runtime/live/live_executor.hpp"
#include "runtime/log/change_log.hpp"

#include <caf/all.hpp>
#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <unistd.h>

namespace us {
namespace {

using log_ptr = std::unique_ptr<change_log>;

/// Appends until `target` entries are durable, a few at a time, then hands the log on; or ends
/// with writes on their way when told to let go at once.
class appender : public caf::event_based_actor {
 public:
  appender(caf::actor_config& config, log_ptr log, log_index target, bool let_go,
           std::shared_ptr<std::promise<log_ptr>> answer)
      : event_based_actor(config),
        log_(std::move(log)),
        target_(target),
        let_go_(let_go),
        answer_(std::move(answer)) {}

  caf::behavior make_behavior() override {
    return {[](const task& work) { work(); }, [this](caf::unit_t) { begin(); }};
  }

 private:
  void begin() {
    log_->attach(caf::actor_cast<caf::actor>(this),
                 {[this](log_index durable) { go_on(durable); },
                  [](const failure& why) { ADD_FAILURE() << why.text; }});
    go_on(log_->durable_index());
  }
  void go_on(log_index durable) {
    while (log_->last_index() < target_ && log_->last_index().value < durable.value + 7) append();
    if (durable >= target_ || (let_go_ && log_->last_index() == target_)) end();
  }
  void append() {
    auto index = log_->last_index().next();
    log_->append({index, {1}, std::make_shared<const std::string>(to_string(index))}, {});
  }
  void end() {
    answer_->set_value(std::move(log_));
    quit();
  }

  log_ptr log_;
  log_index target_;
  bool let_go_;
  std::shared_ptr<std::promise<log_ptr>> answer_;
};

class LiveLog : public testing::Test {
 protected:
  LiveLog() {
    auto path = std::filesystem::temp_directory_path() / "understudy-live-log-XXXXXX";
    directory_ = path.string();
    if (::mkdtemp(directory_.data()) == nullptr) throw std::runtime_error{"no temporary directory"};
    auto opened = live_disk::open_directory(directory_);
    if (!opened) throw std::runtime_error{opened.error().text};
    disk_ = *opened;
  }
  ~LiveLog() override {
    jobs_.reset();
    disk_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  log_ptr open() {
    auto opened = open_segmented_log(disk_, jobs_, time_, "log", {.segment_bytes = 4096});
    EXPECT_TRUE(opened) << opened.error().text;
    return opened ? std::move(*opened) : nullptr;
  }
  log_ptr append_until(log_ptr log, std::uint64_t target, bool let_go = false) {
    auto answer = std::make_shared<std::promise<log_ptr>>();
    auto future = answer->get_future();
    auto actor = system_.spawn<appender>(std::move(log), log_index{target}, let_go, answer);
    caf::anon_send(actor, caf::unit);
    if (future.wait_for(std::chrono::seconds{60}) != std::future_status::ready) {
      ADD_FAILURE() << "no answer within 60 s";
      return nullptr;
    }
    return future.get();
  }
  std::uint64_t replayed(const change_log& log) {
    std::uint64_t next = 1;
    auto ended = log.replay({1}, log.last_index(), [&](const log_entry& entry) {
      EXPECT_EQ(*entry.bytes, std::to_string(next));
      ++next;
    });
    EXPECT_TRUE(ended) << ended.error().text;
    return next - 1;
  }

  std::string directory_;
  caf::actor_system_config config_;
  caf::actor_system system_{config_};
  std::shared_ptr<live_disk> disk_;
  std::shared_ptr<executor> jobs_ = std::make_shared<live_executor>();
  std::shared_ptr<clock> time_ = std::make_shared<live_clock>(system_);
};

TEST_F(LiveLog, KeepsEveryEntryOverManySegments) {
  auto log = append_until(open(), 1000);
  ASSERT_NE(log, nullptr);
  EXPECT_EQ(log->durable_index().value, 1000u);
  EXPECT_EQ(replayed(*log), 1000u);
}

TEST_F(LiveLog, PassesFromOwnerToOwnerWithWritesOnTheirWay) {
  auto log = open();
  for (std::uint64_t target = 50; target <= 1000 && log; target += 50)
    log = append_until(std::move(log), target, target < 1000);
  ASSERT_NE(log, nullptr);
  EXPECT_EQ(log->durable_index().value, 1000u);
}

TEST_F(LiveLog, IsOpenedAnewWhileTheFormerOnesWritesAreQueued) {
  for (std::uint64_t target = 50; target <= 500; target += 50) {
    auto log = append_until(open(), target, true);
    ASSERT_NE(log, nullptr);
    // `log` is destroyed with writes on their way; the next opening stops them.
  }
  auto log = open();
  EXPECT_EQ(replayed(*log), log->last_index().value);
  EXPECT_GE(log->last_index().value, 493u);
}

}  // namespace
}  // namespace us
