#include "runtime/supervision/supervisor.hpp"

#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>
#include <caf/system_messages.hpp>

#include <exception>
#include <utility>

namespace us {

namespace {

bool ended_in_order(const caf::error& reason) {
  return !reason || reason == caf::exit_reason::user_shutdown;
}

}  // namespace

supervised spawn_supervisor(caf::actor_system& system, const node_ptr& node, supervisor_spec spec) {
  auto children = std::make_shared<child_registry>();
  auto root = system.spawn<supervisor>(node, std::move(spec), children);
  return {std::move(root), std::move(children)};
}

supervisor::supervisor(caf::actor_config& config, node_ptr node, supervisor_spec spec,
                       std::shared_ptr<child_registry> registry)
    : node_actor(config, std::move(node)),
      name_(std::move(spec.name)),
      strategy_(spec.strategy),
      policy_(spec.policy),
      registry_(std::move(registry)),
      window_(policy_) {
  children_.reserve(spec.children.size());
  for (auto& each : spec.children) children_.emplace_back().spec = std::move(each);
}

supervisor::~supervisor() = default;

caf::behavior supervisor::make_behavior() {
  // Runs however this actor ends, kill included, which no handler sees.
  attach_functor([registry = registry_] { registry->kill_all(); });
  set_down_handler([this](const caf::down_msg& down) { on_down(down); });
  set_exit_handler([this](const caf::exit_msg& exit) { on_exit(exit); });
  // In a turn of its own: a first start that fails may already end this actor.
  at_end_of_turn([this] { start_waiting(0); });
  return serve({});
}

// -- starting

void supervisor::start_waiting(std::size_t first) {
  for (auto at = first; at < children_.size() && !ending_; ++at) {
    if (children_[at].state != phase::waiting) continue;
    if (!start(at) && strategy_ != strategy::one_for_one) return;  // it restarts as a group
  }
}

bool supervisor::start(std::size_t at) {
  auto& which = children_[at];
  which.started = now();
  caf::error reason;
  try {
    which.who = which.spec.start(system());
    if (!which.who) reason = make_error(caf::sec::runtime_error, "the factory made no actor");
  } catch (const std::exception& e) {
    reason = make_error(caf::sec::runtime_error, std::string{e.what()});
  } catch (...) {
    reason = make_error(caf::sec::runtime_error, "the factory threw");
  }
  if (reason) {
    ended(at, reason);
    return false;
  }
  ++which.generation;
  which.state = phase::running;
  registry_->set(which.spec.name, which.who);
  monitor(which.who);
  return true;
}

// -- a child ended

void supervisor::on_down(const caf::down_msg& down) {
  for (std::size_t at = 0; at < children_.size(); ++at) {
    auto& which = children_[at];
    if (!which.who || which.who.address() != down.source) continue;
    which.who = nullptr;
    registry_->clear(which.spec.name);
    return ended(at, down.reason);
  }
}

void supervisor::ended(std::size_t at, const caf::error& reason) {
  auto& which = children_[at];
  ++which.generation;
  if (at >= stop_from_) {  // it was to end anyway
    which.state = ending_ || which.spec.restart == restart::temporary ? phase::ended : phase::waiting;
    return stop_next();
  }
  if (supervision::restarts(which.spec.restart, ended_in_order(reason))) return failed(at, reason);
  which.state = phase::ended;
  node().ports.log->write(severity::info, "child_ended",
                          {{"supervisor", name_},
                           {"child", which.spec.name},
                           {"reason", system().render(reason)}});
}

void supervisor::failed(std::size_t at, const caf::error& reason) {
  auto& which = children_[at];
  which.state = phase::waiting;
  if (!window_.allows(now())) return escalate(at, reason);
  const auto attempt = which.streak.failed(policy_, which.started, now());
  const auto delay = supervision::backoff(policy_, attempt, node().ports.random->next());
  log_restart(which, reason, attempt, delay);
  if (strategy_ == strategy::one_for_one)
    restart_one(at, delay);
  else
    restart_group(supervision::first_affected(strategy_, at), delay);
}

void supervisor::restart_one(std::size_t at, duration delay) {
  after(delay, [this, at, generation = children_[at].generation] {
    const auto& which = children_[at];
    if (!ending_ && which.state == phase::waiting && which.generation == generation) start(at);
  });
}

void supervisor::restart_group(std::size_t first, duration delay) {
  stop_from_ = std::min(stop_from_, first);
  restart_delay_ = delay;
  ++group_generation_;
  for (auto at = first; at < children_.size(); ++at) {
    auto& which = children_[at];
    if (which.state == phase::ended && which.spec.restart != restart::temporary)
      which.state = phase::waiting;
  }
  stop_next();
}

// -- stopping

void supervisor::on_exit(const caf::exit_msg& exit) {
  if (exit.reason) stop_all(exit.reason);
}

void supervisor::stop_all(caf::error reason) {
  if (ending_) return;
  ending_ = true;
  end_reason_ = std::move(reason);
  ++group_generation_;
  for (auto& which : children_)
    if (which.state == phase::waiting) which.state = phase::ended;
  stop_from_ = 0;
  stop_next();
}

void supervisor::stop_next() {
  for (auto at = children_.size(); at-- > stop_from_;) {
    if (children_[at].state == phase::stopping) return;  // its down message comes
    if (children_[at].state == phase::running) return drain(at);
  }
  const auto first = std::exchange(stop_from_, nobody);
  if (ending_) return quit(end_reason_);
  after(restart_delay_, [this, first, generation = group_generation_] {
    if (!ending_ && generation == group_generation_) start_waiting(first);
  });
}

void supervisor::drain(std::size_t at) {
  auto& which = children_[at];
  which.state = phase::stopping;
  send_exit(which.who, caf::exit_reason::user_shutdown);
  after(which.spec.drain_timeout, [this, at, generation = which.generation] {
    const auto& late = children_[at];
    if (late.state != phase::stopping || late.generation != generation) return;
    node().ports.log->write(severity::warning, "child_killed",
                            {{"supervisor", name_},
                             {"child", late.spec.name},
                             {"reason", "not down within its drain timeout"}});
    kill_now(late.who);
  });
}

void supervisor::escalate(std::size_t at, const caf::error& reason) {
  const auto window_ms = std::chrono::duration_cast<std::chrono::milliseconds>(policy_.window);
  const auto text = "supervisor " + name_ + " of " + node().name + " gives up after " +
                    std::to_string(window_.count()) + " failures in " +
                    std::to_string(window_ms.count()) + " ms, the last one of " +
                    children_[at].spec.name + ": " + system().render(reason);
  node().ports.log->write(severity::event, text);
  stop_all(make_error(caf::sec::runtime_error, text));
}

void supervisor::log_restart(const child& which, const caf::error& reason, std::size_t attempt,
                             duration delay) {
  const auto delay_ms = std::chrono::duration_cast<std::chrono::milliseconds>(delay);
  node()
      .metrics
      ->make_counter("understudy_restarts_total", "Restarts of supervised actors",
                     {{"supervisor", name_}, {"child", which.spec.name}})
      .add();
  node().ports.log->write(severity::warning, "child_restarts",
                          {{"supervisor", name_},
                           {"child", which.spec.name},
                           {"reason", system().render(reason)},
                           {"attempt", attempt},
                           {"delay_ms", delay_ms.count()}});
}

}  // namespace us
