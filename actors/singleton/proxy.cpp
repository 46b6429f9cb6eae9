#include "actors/singleton/proxy.hpp"

#include "actors/client/answer_table.hpp"
#include "actors/singleton/keys.hpp"
#include "actors/singleton/request_book.hpp"
#include "actors/singleton/singleton.hpp"

#include <caf/actor_system.hpp>

#include <unordered_map>
#include <utility>

#include "messages/request.capnp.h"

namespace us::singletons {

namespace {

using message::Outcome;
using message::Reason;
using std::chrono::milliseconds;
using standing = answer_table::standing;

answer_table::answer ended_as(Outcome outcome, Reason reason, std::string text) {
  return {outcome, reason, std::move(text), {}};
}

Outcome outcome_of(message::SingletonOutcome how) {
  switch (how) {
    case message::SingletonOutcome::DONE: return Outcome::DONE;
    case message::SingletonOutcome::REJECTED: return Outcome::REJECTED;
    default: return Outcome::UNKNOWN;  // what a newer version may say, too
  }
}

class proxy final : public node_actor {
 public:
  proxy(caf::actor_config& config, node_ptr node, singleton_config how)
      : node_actor(config, std::move(node)),
        how_(std::move(how)),
        origin_(this->node().ports.random->next() | 1),
        answers_(this->node().ports.random->next()),
        live_(how_.heartbeat * how_.missed_max),
        book_({.requests_max = how_.requests_max,
               .retry = how_.heartbeat,
               .settle = how_.heartbeat * 5}) {
    set_exit_handler([this](const caf::exit_msg& exit) { stop(exit); });
  }

  const char* name() const override { return "singleton proxy"; }

  void on_exit() override {
    node_actor::on_exit();
    clients_.clear();
  }

 protected:
  caf::behavior make_behavior() override {
    listen_as(singleton_key(how_.name));
    look_at_time();
    return serve(dispatch_table{
        {on<message::OpenSession>([this](auto request, const us::sender& from) {
           open_session(request.getNonce(), from);
         }),
         on_frame<message::SubmitBatch>(
             [this](const frame& f, const us::sender& from) { take(f, from); }),
         on<message::WatchLeader>([this](auto, const us::sender& from) {
           (void)send_frame<message::LeaderChanged>(
               from.where(), {}, [this](auto changed) { changed.setLeader(node().id.value); }, 8);
         }),
         on<message::SingletonAt>([this](auto at, const us::sender& from) { hear(at, from); }),
         on<message::SingletonReply>(
             [this](auto reply, const us::sender& from) { answered(reply, from); })}});
  }

 private:
  /// Who waits, and what it asked: the batch as it came, and the request's place in it.
  struct client {
    us::address where;
    session_id session;
    request_sequence sequence;
    frame batch;
    unsigned place = 0;
  };

  // -- clients
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

  void take(const frame& f, const us::sender& from) {
    if (from.node != node().id) return report_dropped(node(), f, "not_of_this_node");
    opened_frame opened{f};
    const auto batch = opened.body<message::SubmitBatch>();
    const session_id session{batch.getSession()};
    answers_.advance(session, {batch.getFirstOpen()});
    // So that the client hears the outcome within its own patience.
    const milliseconds patience{batch.getTimeoutMillis() - batch.getTimeoutMillis() / 20};
    const auto requests = batch.getRequests();
    for (unsigned i = 0; i < requests.size(); ++i)
      take_one({from.where(), session, {requests[i].getSequence()}, f, i}, now() + patience);
  }

  void take_one(client who, time_point deadline) {
    switch (answers_.look(who.session, who.sequence)) {
      case standing::late:
      case standing::under_way:
      case standing::crowded: return;  // its client asks again, or gives it up as unknown
      case standing::answered: return reply(who, *answers_.find(who.session, who.sequence));
      case standing::no_session:
        return reply(
            who, ended_as(Outcome::REJECTED, Reason::SESSION_EXPIRED, "the proxy started anew"));
      case standing::fresh: break;
    }
    answers_.begin(who.session, who.sequence);
    if (stopping_)
      return answer(who, ended_as(Outcome::REJECTED, Reason::STOPPING, "this node stops"));
    if (book_.full())
      return answer(who, ended_as(Outcome::REJECTED, Reason::OVERLOADED,
                                  "too many requests wait for an outcome"));
    const auto sequence = next_;
    next_ = next_.next();
    book_.add(sequence, deadline);
    clients_.emplace(sequence, std::move(who));
    if (const auto to = live_.at(now()); !to.none()) send_to(sequence, to);
  }

  // -- instances
  void send_to(request_sequence sequence, const target& to) {
    const auto& who = clients_.at(sequence);
    book_.sent(sequence, to, now());
    opened_frame opened{who.batch};
    const auto request = opened.body<message::SubmitBatch>().getRequests()[who.place];
    (void)send_frame<message::SingletonRequest>(
        to.host, to.epoch,
        [&](message::SingletonRequest::Builder into) {
          into.setInstance(to.instance);
          into.setOrigin(origin_);
          into.setSequence(sequence.value);
          into.setFirstOpen(book_.first_open(next_).value);
          into.setType(request.getType());
          into.getBody().set(request.getBody());
        },
        request.totalSize().wordCount + 16);
  }

  void send_waiting() {
    const auto to = live_.at(now());
    if (to.none()) return;
    for (const auto sequence : book_.waiting()) send_to(sequence, to);
  }

  void hear(message::SingletonAt::Reader at, const us::sender& from) {
    if (!node().is_member(from.node) || at.getInstance() == 0) return;
    const auto before = live_.newest();
    switch (live_.hear({from.epoch, at.getInstance(), from.where()}, at.getLive(), now())) {
      case live_view::change::none: return;
      case live_view::change::ended: break;
      case live_view::change::came: send_waiting(); break;
    }
    // What became of those that an instance of the past was sent, its host may know.
    if (!before.none())
      for (const auto sequence : book_.sent_to(before.instance))
        if (at.getInstance() != before.instance || !at.getLive()) send_to(sequence, before);
  }

  void answered(message::SingletonReply::Reader reply, const us::sender& from) {
    if (reply.getOrigin() != origin_ || !node().is_member(from.node)) return;
    const request_sequence sequence{reply.getSequence()};
    switch (book_.answered(sequence, reply.getInstance(), reply.getOutcome())) {
      case request_book::meaning::none: return;
      case request_book::meaning::again: live_.lost(reply.getInstance()); return send_waiting();
      case request_book::meaning::final: break;
    }
    const auto body = reply.getBody().asChars();
    finish(sequence, {outcome_of(reply.getOutcome()),
                      reply.getReason(),
                      reply.hasText() ? reply.getText().cStr() : "",
                      {body.begin(), body.size()}});
  }

  // -- ends
  void look_at_time() {
    const auto due = book_.look(now(), live_.newest());
    for (const auto sequence : due.resend) send_to(sequence, target{book_.whereto(sequence)});
    for (const auto sequence : due.rejected)
      finish(sequence, ended_as(Outcome::REJECTED, Reason::NO_LEADER,
                                "no instance was live within the time of the request"));
    for (const auto sequence : due.unknown)
      finish(sequence, ended_as(Outcome::UNKNOWN, Reason::TIMED_OUT,
                                "the instance that it was sent to did not answer"));
    send_waiting();
    after(how_.heartbeat / 2, [this] { look_at_time(); });
  }

  void finish(request_sequence sequence, answer_table::answer what) {
    book_.end(sequence);
    const auto who = clients_.extract(sequence);
    if (what.outcome == Outcome::UNKNOWN)
      node()
          .metrics
          ->make_counter("understudy_singleton_unknown_total", "Requests of unknown outcome",
                         {{"singleton", how_.name}})
          .add();
    answer(who.mapped(), std::move(what));
  }

  void answer(const client& who, answer_table::answer what) {
    reply(who, what);
    answers_.end(who.session, who.sequence, std::move(what));
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

  void stop(const caf::exit_msg& exit) {
    if (exit.reason == caf::exit_reason::kill) return quit(exit.reason);
    if (std::exchange(stopping_, true)) return;
    for (const auto& [sequence, sent] : book_.all())
      finish(sequence, ended_as(sent ? Outcome::UNKNOWN : Outcome::REJECTED, Reason::STOPPING,
                                "this node stops"));
    // What is in the mailbox now is answered, even if only with a refusal.
    at_end_of_turn([this] { quit(); });
  }

  singleton_config how_;
  std::uint64_t origin_;
  answer_table answers_;
  live_view live_;
  request_book book_;
  request_sequence next_{1};
  std::unordered_map<request_sequence, client> clients_;
  bool stopping_ = false;
};

}  // namespace

caf::actor spawn_proxy(caf::actor_system& system, const node_ptr& node, singleton_config how) {
  return system.spawn<proxy>(node, std::move(how));
}

}  // namespace us::singletons
