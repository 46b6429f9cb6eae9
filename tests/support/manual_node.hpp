#pragma once
/// A node for tests of single actors: CAF's deterministic test coordinator, a clock that moves only
/// when the test says so, chance that is always the same, a log that can be read, jobs that wait
/// until they are run. No disk, no network: frames to other nodes are kept in `sent`.

#include "messages/frame.hpp"
#include "runtime/node/context.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace us::test {

class manual_clock final : public clock {
 public:
  time_point now() const override { return now_; }
  std::int64_t wall_ms() const override { return now_.time_since_epoch().count() / 1'000'000; }
  void after(duration delay, caf::actor receiver, task work) override;

  /// The earliest timer's time, or `none_before` when there is none up to it.
  time_point next(time_point none_before) const;
  /// Moves the clock; sends what is due by then.
  void move_to(time_point when);
  /// Drops every timer: they hold actors, which hold the node and with it this clock.
  void drop_timers() { timers_.clear(); }

 private:
  time_point now_{std::chrono::hours{1}};
  std::multimap<time_point, std::pair<caf::actor, task>> timers_;
};

class fixed_random final : public random_source {
 public:
  std::uint64_t next() override { return value; }
  std::uint64_t value = 0;
};

class recorded_log final : public log_sink {
 public:
  struct line {
    severity level;
    std::string what;
    std::map<std::string, std::string> fields;
  };
  void write(severity level, std::string_view what,
             std::initializer_list<log_field> fields) override;
  /// The lines with this text or name.
  std::vector<line> of(std::string_view what) const;
  std::vector<line> of(severity level) const;

  std::vector<line> lines;
};

class recorded_network final : public network {
 public:
  errc send(node_id to, const frame& f) override {
    sent.emplace_back(to, f);
    return answer;
  }
  std::vector<std::pair<node_id, frame>> sent;
  errc answer = errc::none;
};

/// Jobs wait until the test lets them run; lanes make no difference.
class queued_executor final : public executor {
 public:
  void run(lane, std::function<void()> job, caf::actor receiver, task then) override {
    jobs_.push_back({std::move(job), std::move(receiver), std::move(then)});
  }
  std::size_t waiting() const { return jobs_.size(); }
  /// The oldest job, and tells its receiver.
  void run_one();
  void drop_jobs() { jobs_.clear(); }

 private:
  struct entry {
    std::function<void()> job;
    caf::actor receiver;
    task then;
  };
  std::deque<entry> jobs_;
};

class manual_node {
 public:
  explicit manual_node(const std::string& name = "a");
  ~manual_node();

  caf::actor_system& system() { return *system_; }
  const node_ptr& node() const { return node_; }
  recorded_log& log() { return *log_; }
  recorded_network& network() { return *network_; }
  queued_executor& executor() { return *executor_; }
  fixed_random& random() { return *random_; }
  time_point now() const { return clock_->now(); }

  /// Runs every actor until none has anything to do; no time passes.
  void run();
  /// Lets time pass, timer by timer.
  void advance(duration by);

 private:
  std::unique_ptr<caf::actor_system_config> config_;
  std::unique_ptr<caf::actor_system> system_;
  std::shared_ptr<manual_clock> clock_ = std::make_shared<manual_clock>();
  std::shared_ptr<fixed_random> random_ = std::make_shared<fixed_random>();
  std::shared_ptr<recorded_log> log_ = std::make_shared<recorded_log>();
  std::shared_ptr<recorded_network> network_ = std::make_shared<recorded_network>();
  std::shared_ptr<queued_executor> executor_ = std::make_shared<queued_executor>();
  node_ptr node_;
};

}  // namespace us::test
