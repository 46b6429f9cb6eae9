#include "actors/leader_address/leader_watch.hpp"

#include "actors/active_passive/duty_metrics.hpp"
#include "actors/active_passive/roles.hpp"
#include "actors/client/service_client.hpp"
#include "runtime/node/node_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <utility>

#include "messages/request.capnp.h"

namespace us::leader_address {

namespace {

using active_passive::choice;
using active_passive::choice_changed;
using active_passive::duty_changed;

class leader_watch final : public node_actor {
 public:
  leader_watch(caf::actor_config& config, node_ptr node, std::string service, std::string group,
               duration interval)
      : node_actor(config, std::move(node)),
        service_(std::move(service)),
        group_(std::move(group)),
        interval_(interval),
        now_{false, "the replica of " + service_ + " does not run"} {
    set_down_handler([this](const caf::down_msg& down) { on_down(down); });
  }

  const char* name() const override { return "leader watch"; }

  void on_exit() override {
    node_actor::on_exit();
    watched_ = nullptr;
  }

 protected:
  caf::behavior make_behavior() override {
    listen_as(actor_key_of("leader-watch/" + service_));
    look();
    dispatch_table table{{on<message::LeaderChanged>(
        [this](message::LeaderChanged::Reader changed, const us::sender& from) {
          if (watched_ && from.node == node().id && from.actor == seat_key(service_))
            choose({changed.getLeader()}, from.epoch);
        })}};
    return serve(std::move(table), {[this](const duty_changed& duty) {
                   active_passive::count_duty(*node().metrics, duty);
                   tell();
                 }});
  }

 private:
  void look() {
    watched_ = node().directory->find(seat_key(service_));
    if (!watched_) return after(interval_, [this] { look(); });
    monitor(watched_);
    (void)send_frame<message::WatchLeader>(
        {node().id, seat_key(service_)}, {}, [](auto) {}, 4);
  }

  void on_down(const caf::down_msg& down) {
    if (!watched_ || down.source != watched_.address()) return;
    watched_ = nullptr;
    now_ = {false, "the replica of " + service_ + " does not run"};
    tell();
    after(interval_, [this] { look(); });
  }

  void choose(node_id leader, us::epoch epoch) {
    const auto leads = " leads " + service_ + ", epoch " + to_string(epoch);
    if (leader == node().id)
      now_ = {true, "it" + leads};
    else if (leader.none())
      now_ = {false, "no leader of " + service_ + " is known"};
    else
      now_ = {false, node().name_of(leader) + leads};
    tell();
  }

  void tell() {
    if (auto seat = node().directory->find(seat_key(group_)))
      caf::anon_send(seat, choice_changed{now_});
  }

  std::string service_;
  std::string group_;
  duration interval_;
  caf::actor watched_;  ///< the service's seat; null: none runs
  choice now_;
};

}  // namespace

caf::actor spawn_leader_watch(caf::actor_system& system, const node_ptr& node, std::string service,
                              std::string group, duration interval) {
  return system.spawn<leader_watch>(node, std::move(service), std::move(group), interval);
}

}  // namespace us::leader_address
