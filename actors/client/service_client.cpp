#include "actors/client/service_client.hpp"

#include "runtime/mutants.hpp"
#include "runtime/probe.hpp"

#include <algorithm>

namespace us {

namespace {

using namespace std::chrono_literals;

/// Copies what is not answered yet of a batch.
frame with_session(const frame& built, session_id session, request_sequence first_open,
                   const std::function<bool(request_sequence)>& open) {
  opened_frame opened{built};
  auto from = opened.body<message::SubmitBatch>();
  std::vector<message::Request::Reader> left;
  for (auto request : from.getRequests())
    if (open({request.getSequence()})) left.push_back(request);
  return make_frame<message::SubmitBatch>(
      built.head(),
      [&](message::SubmitBatch::Builder to) {
        to.setSession(session.value);
        to.setFirstOpen(first_open.value);
        to.setTimeoutMillis(from.getTimeoutMillis());
        to.setAcknowledge(from.getAcknowledge());
        auto requests = to.initRequests(static_cast<unsigned>(left.size()));
        for (unsigned i = 0; i < requests.size(); ++i) requests.setWithCaveats(i, left[i]);
      },
      built.words().size());
}

message::Acknowledge to_message(std::optional<acknowledgement> when) {
  if (!when) return message::Acknowledge::SERVICE;
  switch (*when) {
    case acknowledgement::async: return message::Acknowledge::ASYNC;
    case acknowledgement::quorum: return message::Acknowledge::QUORUM;
    case acknowledgement::all: return message::Acknowledge::ALL;
  }
  return message::Acknowledge::SERVICE;
}

void set_reads(message::SubmitBatch::Builder to, const read_policy& how) {
  using std::chrono::microseconds;
  switch (how.who) {
    case read_policy::kind::linearizable: return;
    case read_policy::kind::local: to.setReads(message::Reads::LOCAL); break;
    case read_policy::kind::bounded:
      to.setReads(message::Reads::BOUNDED);
      to.setStaleMicros(
          static_cast<std::uint64_t>(std::chrono::floor<microseconds>(how.staleness).count()));
      break;
  }
  to.setAfter(how.after.value);
}

outcome not_done(outcome_kind kind, message::Reason reason, std::string text) {
  return {.kind = kind, .reason = reason, .text = std::move(text), .reply = {}};
}

}  // namespace

actor_key seat_key(std::string_view service) {
  return actor_key_of("seat/" + std::string{service});
}

actor_key seat_key(std::string_view service, const partition_id& of) {
  if (of.only()) return seat_key(service);
  const auto count = mutant(bug::partition_count_not_in_key) ? 0U : of.count;
  return actor_key_of("seat/" + group_name(service, of) + "/" + std::to_string(count));
}

std::shared_ptr<service_client> service_client::make(node_ptr node, caf::actor host, actor_key key,
                                                     options how, outcome_callback on_outcome) {
  std::shared_ptr<service_client> client{new service_client{std::move(node), std::move(host), key,
                                                            std::move(how), std::move(on_outcome)}};
  client->start();
  return client;
}

service_client::service_client(node_ptr node, caf::actor host, actor_key key, options how,
                               outcome_callback f)
    : node_(std::move(node)),
      host_(std::move(host)),
      key_(key),
      seat_(how.seat.none() ? seat_key(how.service) : how.seat),
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
    std::size_t words_hint, const submit_options& what) {
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
  b.waiting = b.in_frame = count;
  b.needs_session = what.reads.who == read_policy::kind::linearizable;
  if (b.needs_session) b.session = session_;
  b.deadline = node_->ports.clock->now() + options_.timeout;
  b.sent = make_frame<message::SubmitBatch>(
      {0, {node_->id, key_}, seat_, {}},
      [&](message::SubmitBatch::Builder to) {
        to.setSession(b.session.value);
        to.setFirstOpen(first_open.value);
        to.setTimeoutMillis(static_cast<std::uint32_t>(options_.timeout.count()));
        to.setAcknowledge(to_message(what.acknowledge ? what.acknowledge : options_.acknowledge));
        set_reads(to, what.reads);
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
  if (!ticking_) {
    watch_leader();  // its seat may have been replaced
    schedule_tick();
  }
  return first;
}

void service_client::watch_leader() {
  (void)node_->send(node_->id, make_frame<message::WatchLeader>(
                                   {0, {node_->id, key_}, seat_, {}}, [](auto) {}, 4));
}

void service_client::open_session() {
  if (!session_.none()) return;
  if (nonce_ == 0) nonce_ = node_->ports.random->next() | 1;
  (void)node_->send(node_->id,
                    make_frame<message::OpenSession>(
                        {0, {node_->id, key_}, seat_, {}},
                        [&](message::OpenSession::Builder to) { to.setNonce(nonce_); }, 4));
}

void service_client::session_opened(message::SessionOpened::Reader opened) {
  if (!session_.none() || opened.getNonce() != nonce_) return;  // an answer that came twice
  session_ = {opened.getSession()};
  nonce_ = 0;
  for (auto& b : batches_)
    if (b.needs_session && b.session.none()) begin(b);
}

/// Sends a batch under the present session, for the first time as far as that knows.
void service_client::begin(batch& b) {
  if (session_.none() || b.waiting == 0) return;
  b.session = session_;
  b.attempts = b.refused = 0;
  leave_out_answered(b);
  send(b);
}

/// Above all what was rejected: another leader would execute it.
void service_client::leave_out_answered(batch& b) {
  b.sent = with_session(b.sent, b.session, batches_.front().first,
                        [&b](request_sequence s) { return !b.answered[s.value - b.first.value]; });
  b.in_frame = b.waiting;
}

void service_client::send(batch& b) {
  if ((b.needs_session && b.session.none()) || b.waiting == 0) return;
  b.sent_at = node_->ports.clock->now();
  if (b.attempts > 0) probe(rare::client_retried);
  if (b.needs_session && b.in_frame > b.waiting) leave_out_answered(b);
  if (node_->send(node_->id, b.sent) == errc::none) ++b.attempts;
}

/// Also told when it is asked for, without any change: then what was sent to this leader is under
/// way, and a second copy would make its rejection worthless.
void service_client::leader_changed(node_id leader) {
  const bool same = leader_ == leader;
  leader_ = leader;
  if (leader.none()) return;
  open_session();
  for (auto& b : batches_)
    if (!same || b.attempts == 0) send(b);
}

void service_client::schedule_tick() {
  ticking_ = true;
  const duration interval =
      std::clamp<duration>(node_->timing.election_timeout_min / 2, 10ms, 500ms);
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
  ticking_ = false;
  if (session_.none() || !batches_.empty()) schedule_tick();
}

void service_client::expire(batch& b) {
  const bool untried = b.attempts == b.refused || mutant(bug::expiry_told_rejected);
  if (b.waiting > 0) probe(untried ? rare::client_found_nobody : rare::client_gave_up);
  // A read has no effect: whether it was executed makes no difference.
  const auto what =
      untried || !b.needs_session
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
  auto after = std::upper_bound(batches_.begin(), batches_.end(), sequence,
                                [](request_sequence s, const batch& b) { return s < b.first; });
  if (after == batches_.begin()) return nullptr;
  auto& b = *std::prev(after);
  return sequence.value - b.first.value < b.answered.size() ? &b : nullptr;
}

void service_client::accept(message::ReplyBatch::Reader replies, const sender& from) {
  // Callbacks may submit; keep what is iterated apart from what they change.
  batch* redirected = nullptr;
  batch* expired = nullptr;
  for (auto reply : replies.getReplies()) {
    auto* b = find({reply.getSequence()});
    if (b == nullptr || b->session.value != replies.getSession()) continue;
    const auto position = reply.getSequence() - b->first.value;
    if (b->answered[position]) continue;
    switch (reply.getOutcome()) {
      case message::Outcome::REDIRECTED: redirected = b; break;
      case message::Outcome::REJECTED:
        // Without final refusals another attempt may be executed yet, or have been.
        if (reply.getReason() == message::Reason::SESSION_EXPIRED && b->needs_session)
          expired = b;
        else if (options_.final_refusals || only_attempt(*b) || !b->needs_session)
          finish_reply(*b, position, outcome_kind::rejected, replies, reply);
        break;
      case message::Outcome::UNKNOWN:
        finish_reply(*b, position, outcome_kind::unknown, replies, reply);
        break;
      case message::Outcome::DONE:
        finish_reply(*b, position, outcome_kind::done, replies, reply);
        break;
    }
  }
  // Only this node's seat is sure to have answered the newest attempt, and only once.
  const bool sure = from.node == node_->id || mutant(bug::redirect_trusted);
  if (redirected != nullptr && sure && redirected->refused < redirected->attempts)
    ++redirected->refused;
  if (expired != nullptr) session_expired(*expired);
  drop_answered();
}

void service_client::finish_reply(batch& b, std::size_t position, outcome_kind kind,
                                  message::ReplyBatch::Reader of, message::Reply::Reader reply) {
  auto body = reply.getBody();
  finish(b, position,
         {kind,
          reply.getReason(),
          reply.hasText() ? reply.getText().cStr() : "",
          {reinterpret_cast<const char*>(body.begin()), body.size()},
          {of.getIndex()},
          of.getAgeKnown() ? std::optional<duration>{std::chrono::microseconds{of.getAgeMicros()}}
                           : std::nullopt});
}

bool service_client::only_attempt(const batch& b) const {
  return b.attempts <= b.refused + 1 || mutant(bug::rejection_of_retry_trusted);
}

/// The batch whose attempt was refused goes again in a new session, unless another attempt may have
/// been executed before the session went. Of the other batches nothing is known: they wait in
/// the old session for answers of their own.
void service_client::session_expired(batch& told) {
  if (told.session == session_) session_ = {};
  if (mutant(bug::expired_session_resent))
    for (auto& b : batches_) b.session = {};
  if (only_attempt(told)) {
    told.session = {};
    begin(told);
  } else {
    finish_rest(told, not_done(outcome_kind::unknown, message::Reason::SESSION_EXPIRED,
                               "the session expired while it was retried"));
  }
  open_session();
}

void service_client::drop_answered() {
  while (!batches_.empty() && batches_.front().waiting == 0) batches_.pop_front();
}

}  // namespace us
