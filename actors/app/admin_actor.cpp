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
  admin_actor(caf::actor_config& config, node_ptr node, std::vector<std::string> services,
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
                                          [into = change.into](const members_outcome& outcome) {
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
    for (const auto& service : services_)
      send_frame<message::StatusRequest>({node().id, seat_key(service)}, {},
                                         [this](auto request) { request.setNonce(round_); });
    if (services_.empty()) return answer();
    after(patience, [this, round = round_] {
      if (round == round_) answer();
    });
  }

  void take(const frame& f, const us::sender& from) {
    if (from.node != node().id || waiting_.empty()) return;
    opened_frame opened{f};
    std::string service = opened.body<message::ServiceStatus>().getName();
    if (std::find(services_.begin(), services_.end(), service) == services_.end()) return;
    answers_[service] = f;
    if (answers_.size() == services_.size()) answer();
  }

  void answer() {
    ++round_;
    node_view view{members_->snapshot(), std::exchange(answers_, {}), now(), now() - started_};
    for (auto& promise : std::exchange(waiting_, {})) promise->set_value(view);
  }

  void transfer(const ask_leader& what) {
    const auto number = ++transfers_;
    asked_.emplace(number, transfer_asked{what});
    const us::address seat{node().id, seat_key(what.service)};
    (void)send_frame<message::WatchLeader>(
        seat, {}, [](auto) {}, 4);
    (void)send_frame<message::TransferRequest>(seat, {},
                                               [&](message::TransferRequest::Builder request) {
                                                 request.setNode(what.to.value);
                                                 request.setNumber(number);
                                               });
    after(patience, [this, number] {
      const auto at = asked_.find(number);
      if (at != asked_.end() && !at->second.begun)
        finish(at, lead_outcome::kind::unknown, "its seat does not answer");
    });
    after(what.timeout, [this, number] {
      const auto at = asked_.find(number);
      if (at == asked_.end()) return;
      const auto& s = at->second;
      finish(at, lead_outcome::kind::unknown,
             node().name_of(s.what.to) + " did not take over: " +
                 (s.leader.none() ? "nobody leads " : node().name_of(s.leader) + " leads ") +
                 s.what.service);
    });
  }

  void take_transfer(message::TransferAnswer::Reader answer, const us::sender& from) {
    const auto at = asked_.find(answer.getNumber());
    if (from.node != node().id || at == asked_.end()) return;
    if (!answer.getBegun()) return finish(at, lead_outcome::kind::refused, answer.getWhy());
    at->second.begun = true;
  }

  void take_leader(node_id leader, const us::sender& from) {
    if (from.node != node().id) return;
    for (auto at = asked_.begin(); at != asked_.end();) {
      const auto now = at++;
      auto& s = now->second;
      if (from.actor != seat_key(s.what.service)) continue;
      s.leader = leader;
      if (s.begun && leader == s.what.to)
        finish(now, lead_outcome::kind::leads,
               node().name_of(leader) + " leads " + s.what.service + " in epoch " +
                   to_string(from.epoch) + ", after " + node().name);
    }
  }

  void finish(asked_place which, lead_outcome::kind what, std::string text) {
    which->second.what.into->set_value({what, std::move(text)});
    asked_.erase(which);
  }

  std::vector<std::string> services_;
  std::shared_ptr<members_client> changes_;
  std::shared_ptr<const member_table> members_;
  time_point started_;
  std::uint64_t round_ = 1;
  std::map<std::string, frame> answers_;
  std::vector<std::shared_ptr<std::promise<node_view>>> waiting_;
  std::uint64_t transfers_ = 0;
  std::map<std::uint64_t, transfer_asked> asked_;
};

}  // namespace

actor_key admin_key() {
  return actor_key_of("admin");
}

caf::actor spawn_admin(caf::actor_system& system, node_ptr node, std::vector<std::string> services,
                       std::shared_ptr<const member_table> members) {
  return system.spawn<admin_actor>(std::move(node), std::move(services), std::move(members));
}

}  // namespace us
