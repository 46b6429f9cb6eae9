#include "tests/leader_follower/member_operator.hpp"

#include <algorithm>

namespace us::test {

using namespace std::chrono_literals;

member_operator::member_operator(caf::actor_config& config, node_ptr node,
                                 std::shared_ptr<members_workload> work)
    : node_actor(config, std::move(node)), work_(std::move(work)) {}

caf::behavior member_operator::make_behavior() {
  const auto key = actor_key_of("member-operator");
  listen_as(key);
  client_ = members_client::make(shared_node(), handle(), key);
  next();
  return serve(dispatch_table{{client_->handler()}});
}

void member_operator::on_exit() {
  node_actor::on_exit();
  client_.reset();
}

void member_operator::next() {
  const auto wait =
      work_->only_more ? work_->chance->between(20, 200) : work_->chance->between(100, 1500);
  after(std::chrono::milliseconds{wait}, [this] {
    if (work_->running)
      ask();
    else
      next();
  });
}

void member_operator::ask() {
  auto& chance = *work_->chance;
  using message::MemberAction;
  const auto dice = chance.between(0, 9);
  auto action = dice < 3   ? MemberAction::ADD
                : dice < 7 ? MemberAction::PROMOTE
                           : MemberAction::REMOVE;
  if (work_->only_more && action == MemberAction::REMOVE) action = MemberAction::ADD;
  const auto& node = work_->nodes[chance.between(0, work_->nodes.size() - 1)];
  const bool witness = std::ranges::find(work_->witnesses, node) != work_->witnesses.end();
  client_->ask({"lists", {}, action, node, node + ".example:7101", witness},
               std::chrono::milliseconds{chance.between(300, 1500)},
               [this](const change_outcome& outcome) {
                 if (outcome.what == change_outcome::kind::done) ++work_->done;
                 next();
               });
}

member_request::member_request(caf::actor_config& config, node_ptr node,
                               members_client::change what, std::chrono::milliseconds timeout,
                               std::shared_ptr<std::optional<change_outcome>> into)
    : node_actor(config, std::move(node)),
      what_(std::move(what)),
      timeout_(timeout),
      into_(std::move(into)) {}

caf::behavior member_request::make_behavior() {
  const auto key = actor_key_of("member-request");
  listen_as(key);
  client_ = members_client::make(shared_node(), handle(), key);
  client_->ask(what_, timeout_, [this](const change_outcome& outcome) {
    *into_ = outcome;
    quit();
  });
  return serve(dispatch_table{{client_->handler()}});
}

void member_request::on_exit() {
  node_actor::on_exit();
  client_.reset();
}

}  // namespace us::test
