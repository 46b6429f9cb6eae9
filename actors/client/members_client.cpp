#include "actors/client/members_client.hpp"

#include "actors/client/service_client.hpp"

namespace us {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds retry_interval{250};

}  // namespace

std::shared_ptr<members_client> members_client::make(node_ptr node, caf::actor host,
                                                     actor_key key) {
  return std::shared_ptr<members_client>{new members_client{std::move(node), std::move(host), key}};
}

typed_handler members_client::handler() {
  return on<message::MembersReply>([weak = weak_from_this()](auto reply, const sender& from) {
    if (auto self = weak.lock()) self->take(reply, from);
  });
}

void members_client::ask(change what, milliseconds timeout, callback then) {
  const auto number = ++nonces_;
  calls_[number] = {std::move(what), node_->ports.clock->now() + timeout, std::move(then), {}, {}};
  send(number);
}

/// And once more after a while.
void members_client::send(std::uint64_t number) {
  auto at = calls_.find(number);
  if (at == calls_.end()) return;
  auto& call = at->second;
  if (node_->ports.clock->now() >= call.until) {
    const auto why = call.last.empty() ? std::string{"no leader has answered"} : call.last;
    if (call.unanswered.empty())
      return end(number, {change_outcome::kind::refused, "not done in time: " + why});
    return end(number, {change_outcome::kind::unknown,
                        "it may or may not have been done, or be done later (" + why +
                            "): list the members, or ask for the same again"});
  }
  const auto nonce = ++nonces_;
  call.unanswered.insert(nonce);
  const auto seat = seat_key(call.what.service, call.what.partition);
  (void)node_->send(node_->id, make_frame<message::MembersRequest>(
                                   {0, {node_->id, key_}, seat, {}},
                                   [&](message::MembersRequest::Builder request) {
                                     request.setNonce(nonce);
                                     request.setAction(call.what.action);
                                     request.setNode(call.what.node);
                                     request.setAddress(call.what.address);
                                     request.setWitness(call.what.witness);
                                   },
                                   64));
  node_->ports.clock->after(retry_interval, host_, task{[weak = weak_from_this(), number] {
                              if (auto self = weak.lock()) self->send(number);
                            }});
}

void members_client::take(message::MembersReply::Reader reply, const sender&) {
  for (auto& [number, call] : calls_) {
    if (call.unanswered.erase(reply.getNonce()) == 0) continue;
    call.last = reply.getText();
    const auto outcome = reply.getOutcome();
    if (outcome == message::MembersReply::Outcome::DONE)
      return end(number, {change_outcome::kind::done, call.last});
    // A copy that was taken is in force by now, or another leader's: this answer is about neither.
    if (outcome == message::MembersReply::Outcome::REFUSED && call.unanswered.empty())
      return end(number, {change_outcome::kind::refused, call.last});
    return;
  }
}

void members_client::end(std::uint64_t number, change_outcome outcome) {
  auto call = std::move(calls_.at(number));
  calls_.erase(number);
  call.then(outcome);
}

}  // namespace us
