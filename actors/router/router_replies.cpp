// What comes back to the router: replies, and signs of health.
#include "actors/router/router.hpp"

#include <algorithm>

namespace us {

namespace {

/// An answer to one of the last checks counts: on a slow link it comes after the next was sent.
constexpr std::uint64_t recent_checks = 16;

/// The service itself has answered: no other node would say otherwise.
bool final_rejection(message::Reason reason) {
  return reason == message::Reason::FAILED || reason == message::Reason::MALFORMED ||
         reason == message::Reason::UNKNOWN_TYPE;
}

outcome outcome_of(outcome_kind kind, message::Reply::Reader reply) {
  auto body = reply.getBody();
  return {kind,
          reply.getReason(),
          reply.hasText() ? reply.getText().cStr() : "",
          {reinterpret_cast<const char*>(body.begin()), body.size()}};
}

}  // namespace

void router::accept(message::ReplyBatch::Reader replies, const sender& from) {
  const auto at = targets_.find(from.node);
  if (!at) return;
  for (auto reply : replies.getReplies()) accept_one(*at, reply);
}

void router::accept_one(std::size_t at, message::Reply::Reader reply) {
  auto& t = targets_[at];
  const request_sequence sequence{reply.getSequence()};
  auto known = t.open.find(sequence);
  if (known == t.open.end()) return;  // its request has its outcome
  const auto id = known->second;
  auto& c = calls_.at(id);
  auto& a = *std::find_if(c.attempts.begin(), c.attempts.end(), [&](const attempt& each) {
    return each.target == at && each.sequence == sequence;
  });
  switch (reply.getOutcome()) {
    case message::Outcome::DONE:
      t.health.succeeded();
      latencies_.add(now() - a.sent_at);
      return finish(id, outcome_of(outcome_kind::done, reply));
    case message::Outcome::REJECTED:
      if (reply.getReason() == message::Reason::SESSION_EXPIRED) return session_lost(at, id, c, a);
      if (final_rejection(reply.getReason()))
        return finish(id, outcome_of(outcome_kind::rejected, reply));
      return refused(at, id, c, a, reply.getReason());
    case message::Outcome::REDIRECTED: return refused(at, id, c, a, reply.getReason());
    case message::Outcome::UNKNOWN:
      if (!c.idempotent) return finish(id, outcome_of(outcome_kind::unknown, reply));
      a.late = true;
      return watch(id, c);
  }
}

/// The node did not execute it and never will: to another one.
void router::refused(std::size_t at, request_sequence id, call& c, attempt& a,
                     message::Reason reason) {
  a.refused = true;
  targets_[at].open.erase(a.sequence);
  if (reason == message::Reason::STOPPING)
    targets_[at].draining = true;
  else
    request_failed(at);
  if (c.in_doubt()) return;
  const bool leaves = reason == message::Reason::STOPPING;
  if (leaves) budget_.owe(now());
  if (c.attempts.size() >= attempts_max)
    return finish(id, {outcome_kind::rejected, reason, "every node refused it", {}});
  // Otherwise it waits for the budget as a retry does, so that overloaded nodes are not flooded.
  if (leaves || budget_.take(now())) {
    counters_.retries.add();
    (void)send_somewhere(id, c);
  }
  watch(id, c);
}

/// The node started anew or has forgotten this router. An earlier copy may have been executed
/// before that, so only what may be executed twice goes on.
void router::session_lost(std::size_t at, request_sequence id, call& c, attempt& a) {
  auto& t = targets_[at];
  if (t.session == a.session) t.session = {};
  open_session(t);
  if (!c.idempotent)
    return finish(id, {outcome_kind::unknown,
                       message::Reason::SESSION_EXPIRED,
                       t.name + " started anew while it was under way",
                       {}});
  a.late = true;
  if (c.newest_open() != nullptr || c.attempts.size() >= attempts_max) return;
  budget_.owe(now());
  counters_.retries.add();
  (void)send_somewhere(id, c);
  watch(id, c);
}

void router::finish(request_sequence id, const outcome& what) {
  auto found = calls_.find(id);
  auto ended = std::move(found->second);
  calls_.erase(found);
  for (const auto& a : ended.attempts) targets_[a.target].open.erase(a.sequence);
  switch (what.kind) {
    case outcome_kind::done: counters_.done.add(); break;
    case outcome_kind::rejected: counters_.rejected.add(); break;
    case outcome_kind::unknown: counters_.unknown.add(); break;
  }
  on_outcome_(id, what);
}

// -- health

void router::check_all() {
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    auto& t = targets_[i];
    if (t.health.check_sent() && t.known) {
      log(t, "target_down");
      move_from(i);
    }
    check(t);
  }
  node_->ports.clock->after(options_.health.check_every, host_, task{[weak = weak_from_this()] {
                              if (auto self = weak.lock()) self->check_all();
                            }});
}

void router::check(target& t) {
  if (t.session.none()) return open_session(t);
  t.check = t.check == 0 ? node_->ports.random->next() >> 1 | 1 : t.check + 1;
  (void)node_->send(t.node, make_frame<message::HealthCheck>(
                                {0, {node_->id, key_}, seat_, {}},
                                [&t](message::HealthCheck::Builder to) {
                                  to.setNonce(t.check);
                                  to.setSession(t.session.value);
                                },
                                8));
}

void router::open_session(target& t) {
  if (!t.session.none()) return;
  if (t.nonce == 0) t.nonce = node_->ports.random->next() | 1;
  (void)node_->send(t.node,
                    make_frame<message::OpenSession>(
                        {0, {node_->id, key_}, seat_, {}},
                        [&t](message::OpenSession::Builder to) { to.setNonce(t.nonce); }, 8));
}

void router::session_opened(message::SessionOpened::Reader opened, const sender& from) {
  const auto at = targets_.find(from.node);
  if (!at) return;
  auto& t = targets_[*at];
  if (!t.session.none() || opened.getNonce() != t.nonce) return;  // an answer that came twice
  t.session = {opened.getSession()};
  t.nonce = 0;
  t.check_at_open = t.check;
  t.draining = false;
  t.health.check_answered(now());
  if (!std::exchange(t.known, true)) t.health = target_health{options_.health};
  log(t, "target_up");
  send_unsent();
}

void router::health_reply(message::HealthReply::Reader reply, const sender& from) {
  const auto at = targets_.find(from.node);
  if (!at) return;
  auto& t = targets_[*at];
  if (t.check - reply.getNonce() >= recent_checks) return;
  t.health.check_answered(now());
  t.draining = reply.getDraining();
  if (reply.getSessionKnown() || reply.getNonce() <= t.check_at_open) return;
  t.session = {};
  open_session(t);
}

void router::drains(const sender& from) {
  const auto at = targets_.find(from.node);
  if (!at) return;
  log(targets_[*at], "target_drains");
  targets_[*at].draining = true;
  (void)node_->send(from.node, make_frame<message::DrainNoted>(
                                   {0, {node_->id, key_}, seat_, {}}, [](auto) {}, 4));
}

void router::on_member(const member_changed& change) {
  const auto at = targets_.find(change.node);
  if (!at || change.state != member_state::suspected) return;
  auto& t = targets_[*at];
  if (!t.health.suspect()) return;
  log(t, "target_down");
  move_from(*at);
}

void router::request_failed(std::size_t at) {
  if (!targets_.failed(at, now())) return;
  counters_.ejections.add();
  log(targets_[at], "target_ejected");
}

}  // namespace us
