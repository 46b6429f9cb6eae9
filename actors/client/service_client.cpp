#include "actors/client/service_client.hpp"

#include <algorithm>

namespace us {

namespace {

using namespace std::chrono_literals;

/// Copies a batch that was built before its session was open, or for a session that is gone.
frame with_session(const frame& built, session_id session, request_sequence first_open) {
  opened_frame opened{built};
  auto from = opened.body<message::SubmitBatch>();
  return make_frame<message::SubmitBatch>(
      built.head(),
      [&](message::SubmitBatch::Builder to) {
        to.setSession(session.value);
        to.setFirstOpen(first_open.value);
        to.setTimeoutMillis(from.getTimeoutMillis());
        to.setRequests(from.getRequests());
      },
      built.words().size());
}

outcome not_done(outcome_kind kind, message::Reason reason, std::string text) {
  return {kind, reason, std::move(text), {}};
}

}  // namespace

actor_key seat_key(std::string_view service) {
  return actor_key_of("seat/" + std::string{service});
}

std::shared_ptr<service_client> service_client::make(node_ptr node, caf::actor host, actor_key key,
                                                     options how, outcome_callback on_outcome) {
  std::shared_ptr<service_client> client{new service_client{
      std::move(node), std::move(host), key, std::move(how), std::move(on_outcome)}};
  client->start();
  return client;
}

service_client::service_client(node_ptr node, caf::actor host, actor_key key, options how,
                               outcome_callback f)
    : node_(std::move(node)),
      host_(std::move(host)),
      key_(key),
      seat_(seat_key(how.service)),
      options_(std::move(how)),
      on_outcome_(std::move(f)) {
  if (options_.timeout.count() <= 0) options_.timeout = node_->timing.request_timeout;
}

void service_client::start() {
  watch_leader();
  open_session();
  schedule_tick();
}

std::vector<typed_handler> service_client::handlers() {
  auto self = shared_from_this();
  const auto seat = seat_;
  // Answers of other services' seats are for other clients of the same host.
  auto ours = [seat](const sender& from) { return from.actor == seat; };
  return {
      on<message::SessionOpened>([self, ours](auto opened, const sender& from) {
        if (ours(from)) self->session_opened(opened);
      }),
      on<message::ReplyBatch>([self, ours](auto replies, const sender& from) {
        if (ours(from)) self->accept(replies, from);
      }),
      on<message::LeaderChanged>([self, ours](auto changed, const sender& from) {
        if (ours(from)) self->leader_changed({changed.getLeader()});
      }),
  };
}

request_sequence service_client::submit(
    std::size_t count, const std::function<void(std::size_t, message::Request::Builder)>& fill,
    std::size_t words_hint) {
  const auto first = next_;
  next_.value += count;
  if (open_count_ + count > options_.open_max) {
    for (std::size_t i = 0; i < count; ++i)
      on_outcome_({first.value + i}, not_done(outcome_kind::rejected, message::Reason::OVERLOADED,
                                              "too many requests wait for an outcome"));
    return first;
  }
  const auto first_open = batches_.empty() ? first : batches_.front().first;
  batch b;
  b.first = first;
  b.answered.assign(count, false);
  b.waiting = count;
  b.deadline = node_->ports.clock->now() + options_.timeout;
  b.sent = make_frame<message::SubmitBatch>(
      {0, {node_->id, key_}, seat_, {}},
      [&](message::SubmitBatch::Builder to) {
        to.setSession(session_.value);
        to.setFirstOpen(first_open.value);
        to.setTimeoutMillis(static_cast<std::uint32_t>(options_.timeout.count()));
        auto requests = to.initRequests(static_cast<unsigned>(count));
        for (std::size_t i = 0; i < count; ++i) {
          auto request = requests[static_cast<unsigned>(i)];
          fill(i, request);
          request.setSequence(first.value + i);
        }
      },
      words_hint);
  open_count_ += count;
  batches_.push_back(std::move(b));
  send(batches_.back());
  return first;
}

void service_client::watch_leader() {
  (void)node_->send(node_->id, make_frame<message::WatchLeader>({0, {node_->id, key_}, seat_, {}},
                                                                [](auto) {}, 4));
}

void service_client::open_session() {
  if (!session_.none()) return;
  if (nonce_ == 0) nonce_ = node_->ports.random->next() | 1;
  (void)node_->send(node_->id, make_frame<message::OpenSession>(
                                   {0, {node_->id, key_}, seat_, {}},
                                   [&](message::OpenSession::Builder to) { to.setNonce(nonce_); }, 4));
}

void service_client::session_opened(message::SessionOpened::Reader opened) {
  if (!session_.none() || opened.getNonce() != nonce_) return;  // an answer that came twice
  session_ = {opened.getSession()};
  nonce_ = 0;
  const auto first_open = batches_.empty() ? next_ : batches_.front().first;
  for (auto& b : batches_) {
    b.sent = with_session(b.sent, session_, first_open);
    send(b);
  }
}

void service_client::send(batch& b) {
  if (session_.none()) return;
  b.sent_at = node_->ports.clock->now();
  if (node_->send(node_->id, b.sent) == errc::none) ++b.attempts;
}

void service_client::leader_changed(node_id leader) {
  leader_ = leader;
  if (leader.none()) return;
  if (session_.none()) return open_session();
  for (auto& b : batches_) send(b);
}

void service_client::schedule_tick() {
  const duration interval = std::clamp<duration>(node_->timing.election_timeout_min / 2, 10ms, 500ms);
  node_->ports.clock->after(interval, host_, task{[weak = weak_from_this()] {
                              if (auto self = weak.lock()) self->tick();
                            }});
}

void service_client::tick() {
  const auto now = node_->ports.clock->now();
  if (++ticks_ % 8 == 0) watch_leader();  // its seat may have been replaced
  if (session_.none()) open_session();
  const duration retry = 2 * node_->timing.election_timeout_min;
  for (std::size_t i = 0; i < batches_.size(); ++i) {
    auto& b = batches_[i];
    if (now >= b.deadline)
      expire(b);
    else if (now - b.sent_at >= retry * std::max(b.attempts, 1u))
      send(b);
  }
  drop_answered();
  schedule_tick();
}

void service_client::expire(batch& b) {
  const bool untried = b.attempts == b.refused;
  const auto what = untried
      ? not_done(outcome_kind::rejected, message::Reason::NO_LEADER,
                 "no leader took it within " + std::to_string(options_.timeout.count()) + " ms")
      : not_done(outcome_kind::unknown, message::Reason::TIMED_OUT,
                 "no outcome within " + std::to_string(options_.timeout.count()) + " ms");
  finish_rest(b, what);
}

void service_client::finish_rest(batch& b, const outcome& what) {
  for (std::size_t i = 0; i < b.answered.size() && b.waiting > 0; ++i)
    if (!b.answered[i]) finish(b, i, what);
}

void service_client::finish(batch& b, std::size_t position, const outcome& what) {
  b.answered[position] = true;
  --b.waiting;
  --open_count_;
  on_outcome_({b.first.value + position}, what);
}

service_client::batch* service_client::find(request_sequence sequence) {
  auto after = std::upper_bound(
      batches_.begin(), batches_.end(), sequence,
      [](request_sequence s, const batch& b) { return s < b.first; });
  if (after == batches_.begin()) return nullptr;
  auto& b = *std::prev(after);
  return sequence.value - b.first.value < b.answered.size() ? &b : nullptr;
}

void service_client::accept(message::ReplyBatch::Reader replies, const sender& from) {
  if (replies.getSession() != session_.value) return;
  // Callbacks may submit; keep what is iterated apart from what they change.
  node_id redirected_by;
  batch* refused = nullptr;
  bool expired = false;
  for (auto reply : replies.getReplies()) {
    auto* b = find({reply.getSequence()});
    if (b == nullptr) continue;
    const auto position = reply.getSequence() - b->first.value;
    if (b->answered[position]) continue;
    switch (reply.getOutcome()) {
      case message::Outcome::REDIRECTED:
        redirected_by = from.node;
        refused = b;
        break;
      case message::Outcome::REJECTED:
        if (reply.getReason() == message::Reason::SESSION_EXPIRED)
          expired = true;
        else
          finish_reply(*b, position, outcome_kind::rejected, reply);
        break;
      case message::Outcome::UNKNOWN: finish_reply(*b, position, outcome_kind::unknown, reply); break;
      case message::Outcome::DONE: finish_reply(*b, position, outcome_kind::done, reply); break;
    }
  }
  // Only this node's seat is sure to have answered the newest attempt, and only once.
  if (refused != nullptr && redirected_by == node_->id && refused->refused < refused->attempts)
    ++refused->refused;
  if (expired) session_expired();
  drop_answered();
}

void service_client::finish_reply(batch& b, std::size_t position, outcome_kind kind,
                                  message::Reply::Reader reply) {
  auto body = reply.getBody();
  finish(b, position, {kind, reply.getReason(), reply.hasText() ? reply.getText().cStr() : "",
                       {reinterpret_cast<const char*>(body.begin()), body.size()}});
}

/// What was tried more than once may have been executed before the session went; what was tried
/// once was not, and goes again in a new session.
void service_client::session_expired() {
  session_ = {};
  for (std::size_t i = 0; i < batches_.size(); ++i) {
    auto& b = batches_[i];
    if (b.attempts > b.refused + 1)
      finish_rest(b, not_done(outcome_kind::unknown, message::Reason::SESSION_EXPIRED,
                              "the session expired while it was retried"));
    b.attempts = b.refused = 0;
  }
  open_session();
}

void service_client::drop_answered() {
  while (!batches_.empty() && batches_.front().waiting == 0) batches_.pop_front();
}

}  // namespace us
