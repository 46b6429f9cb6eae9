#include "apps/guard/guardian.hpp"

#include "actors/active_passive/duty_metrics.hpp"
#include "actors/active_passive/roles.hpp"
#include "actors/client/service_client.hpp"
#include "runtime/health/checker.hpp"
#include "runtime/live/live_command.hpp"
#include "runtime/node/node_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <map>
#include <utility>

namespace guard {

namespace {

using us::active_passive::duty_changed;
using us::active_passive::role;

/// What a hook is told, as arguments and as environment: event, group, epoch, reason.
us::command_line hook_line(const us::node_context& node, const config& settings,
                           std::vector<std::string> words, const std::string& event,
                           us::epoch epoch, const std::string& why) {
  std::string addresses;
  for (const auto& address : settings.addresses)
    addresses += (addresses.empty() ? "" : " ") + us::address_text(address);
  us::command_line line;
  line.environment = {"UNDERSTUDY_EVENT=" + event,    "UNDERSTUDY_GROUP=" + std::string{group_name},
                      "UNDERSTUDY_NODE=" + node.name, "UNDERSTUDY_EPOCH=" + to_string(epoch),
                      "UNDERSTUDY_REASON=" + why,     "UNDERSTUDY_ADDRESSES=" + addresses};
  line.words = std::move(words);
  for (const auto& argument : {event, to_string(epoch), why}) line.words.push_back(argument);
  line.timeout = settings.hooks.timeout;
  return line;
}

class guardian final : public us::node_actor {
 public:
  guardian(caf::actor_config& system, us::node_ptr node, const guard::config& settings,
           std::shared_ptr<us::executor> hooks)
      : node_actor(system, std::move(node)), settings_(settings), hooks_(std::move(hooks)) {
    for (const auto& check : settings_.checks) failing_[check.name] = "no result yet";
  }

  const char* name() const override { return "guardian"; }

  caf::behavior make_behavior() override {
    return serve({}, {[this](const us::check_changed& change) { on_check(change); },
                      [this](const duty_changed& duty) { on_duty(duty); }});
  }

 private:
  void on_check(const us::check_changed& change) {
    node().ports.log->write(us::severity::event, "check " + change.target + " is " +
                                                     us::to_string(change.state) +
                                                     (change.why.empty() ? "" : ": " + change.why));
    if (change.state == us::check_state::up)
      failing_.erase(change.target);
    else
      failing_[change.target] = change.why;
    tell_seat();
  }

  void tell_seat() {
    us::active_passive::health_changed health;
    if (!failing_.empty())
      health.failing = "check " + failing_.begin()->first + ": " + failing_.begin()->second;
    if (auto seat = node().directory->find(us::seat_key(group_name)))
      caf::anon_send(seat, std::move(health));
  }

  void on_duty(const duty_changed& duty) {
    count_duty(*node().metrics, duty);
    // A seat that was started anew knows nothing of the checks.
    if (!failing_.empty()) tell_seat();
    if (duty.now == role::claimant || std::exchange(told_, duty.now) == duty.now) return;
    switch (duty.now) {
      case role::active: return run("active", settings_.hooks.active, duty);
      case role::aside: return run("fault", settings_.hooks.fault, duty);
      default: return run("passive", settings_.hooks.passive, duty);
    }
  }

  void run(const std::string& event, const std::vector<std::string>& words,
           const duty_changed& duty) {
    if (words.empty()) return;
    auto line = hook_line(node(), settings_, words, event, duty.epoch, duty.why);
    auto log = node().ports.log;
    hooks_->run(
        us::lane::log,
        [line = std::move(line), event, log] {
          if (auto ended = us::run_command(line); !ended.well)
            log->write(us::severity::warning, "hook_failed", {{"hook", event}, {"why", ended.why}});
        },
        {}, {});
  }

  guard::config settings_;
  std::shared_ptr<us::executor> hooks_;
  std::map<std::string, std::string> failing_;  ///< why, by check
  std::optional<role> told_;
};

}  // namespace

caf::actor spawn_guardian(caf::actor_system& system, us::node_ptr node, const config& settings,
                          std::shared_ptr<us::executor> hooks) {
  return system.spawn<guardian>(std::move(node), settings, std::move(hooks));
}

us::active_passive::fence_function make_fence(const us::node_ptr& node, const config& settings,
                                              std::shared_ptr<us::executor> hooks) {
  if (settings.hooks.fence.empty()) return {};
  return [node, settings, hooks = std::move(hooks)](
             const us::active_passive::fence_request& request, caf::actor receiver,
             us::active_passive::fence_answer then) {
    auto words = settings.hooks.fence;
    words.push_back(request.victim);
    auto line = hook_line(*node, settings, std::move(words), "fence", request.epoch, request.why);
    line.environment.push_back("UNDERSTUDY_VICTIM=" + request.victim);
    auto ended = std::make_shared<us::command_result>();
    // Not behind a hook that takes its time.
    hooks->run(
        us::lane::bulk, [line = std::move(line), ended] { *ended = us::run_command(line); },
        std::move(receiver),
        us::task{[ended, then = std::move(then)] { then(ended->well, ended->why); }});
  };
}

}  // namespace guard
