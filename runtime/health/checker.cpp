#include "runtime/health/checker.hpp"

#include "runtime/node/node_actor.hpp"

#include <caf/actor_system.hpp>

#include <utility>

namespace us {

namespace {

class checker final : public node_actor {
 public:
  checker(caf::actor_config& config, node_ptr node, std::shared_ptr<prober> prober,
          std::vector<check_target> targets, caf::actor watcher);

  const char* name() const override { return "checker"; }
  caf::behavior make_behavior() override;
  void on_exit() override;

 private:
  struct checked {
    check_target target;
    check_history history;
    time_point due{};
    bool probing = false;
  };
  void probe(std::size_t at);
  void take(std::size_t at, const probe_result& result);

  std::shared_ptr<prober> prober_;
  std::vector<checked> checked_;
  caf::actor watcher_;
};

checker::checker(caf::actor_config& config, node_ptr with, std::shared_ptr<prober> prober,
                 std::vector<check_target> targets, caf::actor watcher)
    : node_actor(config, std::move(with)),
      prober_(std::move(prober)),
      watcher_(std::move(watcher)) {
  for (auto& target : targets) {
    const check_history fresh{target.check.rise, target.check.fall};
    checked_.push_back({std::move(target), fresh});
  }
}

caf::behavior checker::make_behavior() {
  const auto count = static_cast<std::int64_t>(checked_.size());
  for (std::size_t i = 0; i < checked_.size(); ++i) {
    const duration interval = checked_[i].target.check.interval;
    checked_[i].due = now() - interval * static_cast<std::int64_t>(i) / count;
    probe(i);
  }
  return serve(dispatch_table{});
}

void checker::on_exit() {
  watcher_ = nullptr;
  prober_.reset();
  node_actor::on_exit();
}

void checker::probe(std::size_t at) {
  auto& each = checked_[at];
  const duration interval = each.target.check.interval;
  each.due += interval;
  if (each.due < now()) each.due = now() + interval;  // this node was not scheduled
  after(each.due - now(), [this, at] { probe(at); });
  if (std::exchange(each.probing, true)) return;  // its result is late and will count
  prober_->run(each.target.check.probe, each.target.check.timeout, handle(),
               [this, at](const probe_result& result) { take(at, result); });
}

void checker::take(std::size_t at, const probe_result& result) {
  auto& each = checked_[at];
  each.probing = false;
  if (!each.history.add(result.well)) return;
  send(watcher_, check_changed{each.target.name, each.history.state(), result.why});
}

}  // namespace

std::string to_string(const check_changed& change) {
  return change.target + " is " + to_string(change.state);
}

caf::actor spawn_checker(caf::actor_system& system, node_ptr node, std::shared_ptr<prober> prober,
                         std::vector<check_target> targets, caf::actor watcher) {
  return system.spawn<checker>(std::move(node), std::move(prober), std::move(targets),
                               std::move(watcher));
}

}  // namespace us
