#include "actors/app/admin_actor.hpp"

#include "actors/client/service_client.hpp"

#include <caf/actor_system.hpp>

#include <algorithm>
#include <utility>

#include "messages/leader_follower.capnp.h"
#include "messages/request.capnp.h"
#include "messages/status.capnp.h"

namespace us {

namespace {

constexpr auto patience = std::chrono::milliseconds{500};

class admin_actor final : public node_actor {
 public:
  admin_actor(caf::actor_config& config, node_ptr node, std::vector<shown_service> services,
              std::shared_ptr<const member_table> members)
      : node_actor(config, std::move(node)),
        services_(std::move(services)),
        members_(std::move(members)),
        started_(now()) {}

  const char* name() const override { return "admin"; }

  caf::behavior make_behavior() override {
    listen_as(admin_key());
    changes_ = members_client::make(shared_node(), handle(), admin_key());
    dispatch_table table{{on_frame<message::ServiceStatus>(
                              [this](const frame& f, const us::sender& from) { take(f, from); }),
                          on<message::TransferAnswer>([this](auto answer, const us::sender& from) {
                            take_transfer(answer, from);
                          }),
                          on<message::LeaderChanged>([this](auto changed, const us::sender& from) {
                            take_leader({changed.getLeader()}, from);
                          }),
                          changes_->handler()}};
    return serve(std::move(table), {[this](const collect_view& query) { ask(query); },
                                    [this](const ask_leader& what) { transfer(what); },
                                    [this](const change_members& change) {
                                      changes_->ask(
                                          change.what, change.timeout,
                                          [into = change.into](const change_outcome& outcome) {
                                            into->set_value(outcome);
                                          });
                                    }});
  }

  void on_exit() override {
    node_actor::on_exit();
    changes_.reset();
  }

 private:
  struct transfer_asked {
    ask_leader what;
    bool begun = false;
    node_id leader = {};  ///< as the seat said last
  };
  using asked_place = std::map<std::uint64_t, transfer_asked>::iterator;

  void ask(const collect_view& query) {
    waiting_.push_back(query.into);
    if (waiting_.size() > 1) return;
    answers_.clear();
    missing_ = 0;
    for (const auto& service : services_)
      for (std::uint32_t i = 0; i < service.partitions; ++i, ++missing_)
        send_frame<message::StatusRequest>(
            {node().id, seat_key(service.name, {i, service.partitions})}, {},
            [this](auto request) { request.setNonce(round_); });
    if (missing_ == 0) return answer();
    after(patience, [this, round = round_] {
      if (round == round_) answer();
    });
  }

  void take(const frame& f, const us::sender& from) {
    if (from.node != node().id || waiting_.empty()) return;
    opened_frame opened{f};
    const auto status = opened.body<message::ServiceStatus>();
    const std::string name = status.getName();
    const auto at = std::ranges::find(services_, name, &shown_service::name);
    if (at == services_.end() || status.getPartition() >= at->partitions) return;
    if (!answers_[name].insert_or_assign(status.getPartition(), f).second) return;
    if (--missing_ == 0) answer();
  }

  void answer() {
    ++round_;
    node_view view{members_->snapshot(), std::exchange(answers_, {}), now(), now() - started_};
    for (auto& promise : std::exchange(waiting_, {})) promise->set_value(view);
  }

  void transfer(const ask_leader& what) {
    const auto number = ++transfers_;
    asked_.emplace(number, transfer_asked{what});
    const us::address seat{node().id, seat_key(what.service, what.partition)};
    (void)send_frame<message::WatchLeader>(
        seat, {}, [](auto) {}, 4);
    (void)send_frame<message::TransferRequest>(seat, {},
                                               [&](message::TransferRequest::Builder request) {
                                                 request.setNode(what.to.id.value);
                                                 request.setNumber(number);
                                               });
    after(patience, [this, number] {
      const auto at = asked_.find(number);
      if (at != asked_.end() && !at->second.begun)
        finish(at, change_outcome::kind::unknown, "its seat does not answer");
    });
    after(what.timeout, [this, number] {
      const auto at = asked_.find(number);
      if (at == asked_.end()) return;
      const auto& s = at->second;
      finish(at, change_outcome::kind::unknown,
             s.what.to.name + " did not take over: " +
                 (s.leader.none() ? "nobody leads " : name_of(s.leader) + " leads ") +
                 group_name(s.what.service, s.what.partition));
    });
  }

  void take_transfer(message::TransferAnswer::Reader answer, const us::sender& from) {
    const auto at = asked_.find(answer.getNumber());
    if (from.node != node().id || at == asked_.end()) return;
    if (!answer.getBegun()) return finish(at, change_outcome::kind::refused, answer.getWhy());
    auto& s = at->second;
    s.begun = true;
    if (s.leader == s.what.to.id)  // it did so before
      finish(at, change_outcome::kind::done,
             s.what.to.name + " leads " + group_name(s.what.service, s.what.partition) +
                 " already, and stays");
  }

  void take_leader(node_id leader, const us::sender& from) {
    if (from.node != node().id) return;
    for (auto at = asked_.begin(); at != asked_.end();) {
      const auto now = at++;
      auto& s = now->second;
      if (from.actor != seat_key(s.what.service, s.what.partition)) continue;
      s.leader = leader;
      if (s.begun && leader == s.what.to.id)
        finish(now, change_outcome::kind::done,
               s.what.to.name + " leads " + group_name(s.what.service, s.what.partition) +
                   " in epoch " + to_string(from.epoch) + ", after " + node().name);
    }
  }

  /// Of a node that was added to a group, too, which the configuration does not have.
  std::string name_of(node_id who) const {
    if (!node().is_member(who))
      for (const auto& learnt : members_->snapshot())
        if (learnt.node == who) return learnt.name;
    return node().name_of(who);
  }

  void finish(asked_place which, change_outcome::kind what, std::string text) {
    which->second.what.into->set_value({what, std::move(text)});
    asked_.erase(which);
  }

  std::vector<shown_service> services_;
  std::shared_ptr<members_client> changes_;
  std::shared_ptr<const member_table> members_;
  time_point started_;
  std::uint64_t round_ = 1;
  std::map<std::string, service_view> answers_;
  std::size_t missing_ = 0;  ///< seats that have not answered yet
  std::vector<std::shared_ptr<std::promise<node_view>>> waiting_;
  std::uint64_t transfers_ = 0;
  std::map<std::uint64_t, transfer_asked> asked_;
};

}  // namespace

actor_key admin_key() {
  return actor_key_of("admin");
}

caf::actor spawn_admin(caf::actor_system& system, node_ptr node,
                       std::vector<shown_service> services,
                       std::shared_ptr<const member_table> members) {
  return system.spawn<admin_actor>(std::move(node), std::move(services), std::move(members));
}

}  // namespace us
