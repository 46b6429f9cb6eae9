#include "tests/support/manual_node.hpp"

#include <caf/atom.hpp>
#include <caf/send.hpp>

#include <algorithm>

namespace us::test {

void manual_clock::after(duration delay, caf::actor receiver, task work) {
  timers_.emplace(now_ + std::max(delay, duration{0}),
                  std::pair{std::move(receiver), std::move(work)});
}

time_point manual_clock::next(time_point none_before) const {
  return timers_.empty() ? none_before : std::min(none_before, timers_.begin()->first);
}

void manual_clock::move_to(time_point when) {
  now_ = std::max(now_, when);
  while (!timers_.empty() && timers_.begin()->first <= now_) {
    auto due = timers_.extract(timers_.begin());
    caf::anon_send(due.mapped().first, std::move(due.mapped().second));
  }
}

void recorded_log::write(severity level, std::string_view what,
                         std::initializer_list<log_field> fields) {
  line made{level, std::string{what}, {}};
  for (const auto& field : fields) made.fields.emplace(field.name, field.value);
  lines.push_back(std::move(made));
}

std::vector<recorded_log::line> recorded_log::of(std::string_view what) const {
  std::vector<line> found;
  std::copy_if(lines.begin(), lines.end(), std::back_inserter(found),
               [&](const line& l) { return l.what == what; });
  return found;
}

std::vector<recorded_log::line> recorded_log::of(severity level) const {
  std::vector<line> found;
  std::copy_if(lines.begin(), lines.end(), std::back_inserter(found),
               [&](const line& l) { return l.level == level; });
  return found;
}

void queued_executor::run_one() {
  auto next = std::move(jobs_.front());
  jobs_.pop_front();
  next.job();
  caf::anon_send(next.receiver, std::move(next.then));
}

manual_node::manual_node(const std::string& name)
    : config_(std::make_unique<caf::actor_system_config>()) {
  config_->set("scheduler.policy", caf::atom("testing"));
  system_ = std::make_unique<caf::actor_system>(*config_);
  auto made = std::make_shared<node_context>();
  made->cluster = "test";
  made->name = name;
  made->id = node_id_of(name);
  made->incarnation = 1;
  made->members = {{node_id_of("a"), "a"}, {node_id_of("b"), "b"}, {node_id_of("c"), "c"}};
  made->ports.clock = clock_;
  made->ports.random = random_;
  made->ports.log = log_;
  made->ports.network = network_;
  made->ports.executor = executor_;
  made->metrics = std::make_shared<us::metrics>();
  made->directory = std::make_shared<us::directory>();
  node_ = std::move(made);
}

manual_node::~manual_node() {
  clock_->drop_timers();
  executor_->drop_jobs();
}

void manual_node::run() {
  dynamic_cast<caf::scheduler::test_coordinator&>(system_->scheduler()).run();
}

void manual_node::advance(duration by) {
  const auto end = now() + by;
  run();
  while (now() < end) {
    clock_->move_to(clock_->next(end));
    run();
  }
}

}  // namespace us::test
