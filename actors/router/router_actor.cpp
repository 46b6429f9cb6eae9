#include "actors/router/router_actor.hpp"

#include "actors/client/answer_table.hpp"
#include "runtime/node/node_actor.hpp"

#include <caf/actor_system.hpp>

#include <algorithm>
#include <utility>

namespace us {

namespace {

using standing = answer_table::standing;

class router_actor final : public node_actor {
 public:
  router_actor(caf::actor_config& config, node_ptr with, router::options how)
      : node_actor(config, std::move(with)),
        options_(std::move(how)),
        answers_(node().ports.random->next()) {}

  const char* name() const override { return "router"; }

  caf::behavior make_behavior() override {
    listen_as(router_key(options_.service));
    router_ = router::make(shared_node(), handle(), key(), options_,
                           [this](request_sequence id, const outcome& o) { ended(id, o); });
    router_->watch_members();
    dispatch_table table{router_->handlers()};
    table.add(on<message::SubmitBatch>(
        [this](auto batch, const us::sender& from) { take(batch, from); }));
    table.add(on<message::OpenSession>(
        [this](auto request, const us::sender& from) { open_session(request.getNonce(), from); }));
    table.add(on<message::WatchLeader>([this](auto, const us::sender& from) {
      (void)send_frame<message::LeaderChanged>(
          from.where(), {}, [this](auto changed) { changed.setLeader(node().id.value); }, 8);
    }));
    return serve(std::move(table),
                 {[this](const member_changed& change) { router_->on_member(change); }});
  }

  void on_exit() override {
    node_actor::on_exit();
    router_.reset();
    clients_.clear();
  }

 private:
  /// Who waits for a request that is on its way.
  struct client {
    us::address where;
    session_id session;
    request_sequence sequence;
  };

  void open_session(std::uint64_t nonce, const us::sender& from) {
    const auto session = answers_.open();
    (void)send_frame<message::SessionOpened>(
        from.where(), {},
        [&](message::SessionOpened::Builder opened) {
          opened.setNonce(nonce);
          opened.setSession(session.value);
        },
        8);
  }

  void take(message::SubmitBatch::Reader batch, const us::sender& from) {
    const session_id session{batch.getSession()};
    answers_.advance(session, {batch.getFirstOpen()});
    // So that its client hears the outcome within its own patience.
    const std::chrono::milliseconds timeout{batch.getTimeoutMillis() -
                                            batch.getTimeoutMillis() / 20};
    for (auto request : batch.getRequests())
      route({from.where(), session, {request.getSequence()}}, request, timeout);
  }

  void route(const client& who, message::Request::Reader request,
             std::chrono::milliseconds timeout) {
    switch (answers_.look(who.session, who.sequence)) {
      case standing::late:
      case standing::under_way: return;
      case standing::answered: return reply(who, *answers_.find(who.session, who.sequence));
      case standing::no_session:
        return reply(who, {message::Outcome::REJECTED,
                           message::Reason::SESSION_EXPIRED,
                           "the router started anew",
                           {}});
      case standing::crowded:
        return reply(who, {message::Outcome::REJECTED,
                           message::Reason::OVERLOADED,
                           "too many requests wait for an outcome",
                           {}});
      case standing::fresh: break;
    }
    answers_.begin(who.session, who.sequence);
    early_.reset();
    const auto id = router_->submit(
        [&](message::Request::Builder to) {
          to.setType(request.getType());
          to.getBody().set(request.getBody());
        },
        {.key = {}, .timeout = timeout}, request.totalSize().wordCount + 16);
    if (early_)
      answer(who, *std::exchange(early_, std::nullopt));
    else
      clients_.emplace(id, who);
  }

  void ended(request_sequence id, const outcome& o) {
    answer_table::answer what{message::Outcome::DONE, o.reason, o.text, std::string{o.reply}};
    if (o.kind == outcome_kind::rejected) what.outcome = message::Outcome::REJECTED;
    if (o.kind == outcome_kind::unknown) what.outcome = message::Outcome::UNKNOWN;
    auto at = clients_.find(id);
    if (at == clients_.end()) {  // reported from within submit(): its number is not known yet
      early_ = std::move(what);
      return;
    }
    const auto who = at->second;
    clients_.erase(at);
    answer(who, what);
  }

  void answer(const client& who, const answer_table::answer& what) {
    answers_.end(who.session, who.sequence, what);
    reply(who, what);
  }

  void reply(const client& who, const answer_table::answer& what) {
    (void)send_frame<message::ReplyBatch>(
        who.where, {},
        [&](message::ReplyBatch::Builder batch) {
          batch.setSession(who.session.value);
          fill(batch.initReplies(1)[0], who.sequence, what);
        },
        10 + words_of(what));
  }

  router::options options_;
  answer_table answers_;
  std::shared_ptr<router> router_;
  std::unordered_map<request_sequence, client> clients_;
  std::optional<answer_table::answer> early_;
};

}  // namespace

actor_key router_key(std::string_view service) {
  return actor_key_of("router/" + std::string{service});
}

caf::actor spawn_router(caf::actor_system& system, node_ptr node, router::options how) {
  return system.spawn<router_actor>(std::move(node), std::move(how));
}

}  // namespace us
