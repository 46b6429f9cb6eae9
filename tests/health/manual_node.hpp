#pragma once
/// A node whose time stands until the test moves it, with a network that keeps what was
/// sent. Actors run in the test's thread (CAF's test coordinator).

#include "runtime/node/context.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace us::test {

class manual_clock final : public clock {
 public:
  time_point now() const override { return now_; }
  std::int64_t wall_ms() const override { return 0; }
  void after(duration delay, caf::actor receiver, task work) override {
    due_.emplace(now_ + delay, timer{std::move(receiver), std::move(work)});
  }
  /// Drops every timer: they hold actors, which hold the node and with it this clock.
  void drop_timers() { due_.clear(); }
  bool due_before(time_point t) const { return !due_.empty() && due_.begin()->first <= t; }
  /// Moves to the first timer's time and sends its task.
  void fire_first() {
    auto at = due_.begin();
    now_ = std::max(now_, at->first);
    caf::anon_send(at->second.receiver, at->second.work);
    due_.erase(at);
  }
  void move_to(time_point t) { now_ = t; }

 private:
  struct timer {
    caf::actor receiver;
    task work;
  };
  time_point now_{std::chrono::hours{1}};
  std::multimap<time_point, timer> due_;
};

struct kept_network final : network {
  std::vector<std::pair<node_id, frame>> sent;
  errc send(node_id to, const frame& f) override {
    sent.emplace_back(to, f);
    return errc::none;
  }
};

struct kept_log final : log_sink {
  std::vector<std::string> events;
  void write(severity level, std::string_view what, std::initializer_list<log_field>) override {
    if (level == severity::event) events.emplace_back(what);
  }
};

struct manual_node {
  explicit manual_node(const std::vector<std::string>& names) {
    config.set("scheduler.policy", caf::atom("testing"));
    system = std::make_unique<caf::actor_system>(config);
    auto context = std::make_shared<node_context>();
    context->cluster = "demo";
    context->name = names.front();
    context->id = node_id_of(names.front());
    context->incarnation = 1;
    for (const auto& name : names) context->members.push_back({node_id_of(name), name});
    context->ports.clock = time;
    context->ports.network = net;
    context->ports.log = log;
    context->metrics = std::make_shared<us::metrics>();
    context->directory = std::make_shared<us::directory>();
    node = context;
  }

  ~manual_node() { time->drop_timers(); }
  manual_node(const manual_node&) = delete;
  manual_node& operator=(const manual_node&) = delete;

  void run() { dynamic_cast<caf::scheduler::test_coordinator&>(system->scheduler()).run(); }
  /// Time passes; timers fire when they are due.
  void pass(duration d) {
    auto end = time->now() + d;
    while (time->due_before(end)) {
      time->fire_first();
      run();
    }
    time->move_to(end);
  }
  /// Time passes and this node is not scheduled: timers fire late.
  void stop_for(duration d) { time->move_to(time->now() + d); }

  caf::actor_system_config config;
  std::unique_ptr<caf::actor_system> system;
  std::shared_ptr<manual_clock> time = std::make_shared<manual_clock>();
  std::shared_ptr<kept_network> net = std::make_shared<kept_network>();
  std::shared_ptr<kept_log> log = std::make_shared<kept_log>();
  node_ptr node;
};

}  // namespace us::test
