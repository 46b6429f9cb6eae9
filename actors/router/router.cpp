#include "actors/router/router.hpp"

#include "runtime/service/service.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace us {

namespace {

using namespace std::chrono_literals;

std::vector<std::pair<node_id, std::string>> targets_of(const node_context& node,
                                                        const std::vector<peer>& chosen) {
  std::vector<std::pair<node_id, std::string>> nodes;
  for (const auto& each : chosen.empty() ? node.members : chosen)
    nodes.emplace_back(each.id, each.name);
  return nodes;
}

}  // namespace

std::set<std::uint64_t> idempotent_types(const service& of) {
  std::set<std::uint64_t> types;
  for (const auto& each : of.requests())
    if (each.idempotent) types.insert(each.id);
  return types;
}

std::shared_ptr<router> router::make(node_ptr node, caf::actor host, actor_key key, options how,
                                     outcome_callback on_outcome) {
  const auto silence = node->timing.heartbeat_silence_max;
  if (how.health.check_every <= duration{0}) how.health.check_every = silence / 4;
  if (how.attempt_timeout <= duration{0}) how.attempt_timeout = silence / 2;
  if (how.timeout.count() <= 0) how.timeout = node->timing.request_timeout;
  std::shared_ptr<router> made{
      new router{std::move(node), std::move(host), key, std::move(how), std::move(on_outcome)}};
  made->start();
  return made;
}

router::router(node_ptr node, caf::actor host, actor_key key, options how, outcome_callback f)
    : node_(std::move(node)),
      host_(std::move(host)),
      key_(key),
      seat_(seat_key(how.service)),
      options_(std::move(how)),
      on_outcome_(std::move(f)),
      targets_(targets_of(*node_, options_.targets), options_.balancing, options_.health),
      budget_(options_.retries, node_->ports.clock->now()),
      latencies_(options_.hedging.share) {
  auto counter = [this](const char* name, const char* help, metrics::labels labels) {
    labels["service"] = options_.service;
    return node_->metrics->make_counter(name, help, labels);
  };
  const auto* requests = "understudy_router_requests_total";
  const auto* help = "Requests that were routed, by their outcome";
  counters_ = {counter(requests, help, {{"outcome", "done"}}),
               counter(requests, help, {{"outcome", "rejected"}}),
               counter(requests, help, {{"outcome", "unknown"}}),
               counter("understudy_router_retries_total", "Requests sent to another node", {}),
               counter("understudy_router_hedges_total", "Requests sent to a second node too", {}),
               counter("understudy_router_ejections_total", "Nodes taken out for failures", {})};
}

void router::start() {
  check_all();
}

std::vector<typed_handler> router::handlers() {
  auto self = shared_from_this();
  auto ours = [seat = seat_](const sender& from) { return from.actor == seat; };
  return {
      on<message::ReplyBatch>([self, ours](auto replies, const sender& from) {
        if (ours(from)) self->accept(replies, from);
      }),
      on<message::SessionOpened>([self, ours](auto opened, const sender& from) {
        if (ours(from)) self->session_opened(opened, from);
      }),
      on<message::HealthReply>([self, ours](auto reply, const sender& from) {
        if (ours(from)) self->health_reply(reply, from);
      }),
      on<message::Draining>([self, ours](auto, const sender& from) {
        if (ours(from)) self->drains(from);
      }),
  };
}

void router::watch_members() {
  if (auto monitor = node_->directory->find(monitor_key()))
    caf::anon_send(monitor, us::watch_members{host_});
}

void router::log(const target& about, std::string_view what) const {
  node_->ports.log->write(severity::info, what,
                          {{"service", options_.service}, {"node", about.name}});
}

request_sequence router::submit(const fill_request& fill, const request_options& how,
                                std::size_t words_hint) {
  const auto id = next_;
  next_ = next_.next();
  if (calls_.size() >= options_.open_max) {
    counters_.rejected.add();
    on_outcome_(id, {outcome_kind::rejected,
                     message::Reason::OVERLOADED,
                     "too many requests wait for an outcome",
                     {}});
    return id;
  }
  budget_.add_request();
  const auto timeout =
      how.timeout.count() > 0 ? std::min(how.timeout, options_.timeout) : options_.timeout;
  call made;
  made.submitted = now();
  made.deadline = made.submitted + timeout;
  if (options_.balancing.strategy == balancing::consistent_hash)
    made.affinity = hash_ring::place_of(how.key);
  const auto at = targets_.choose(made.affinity, made.submitted, *node_->ports.random);
  std::uint64_t type = 0;
  made.built = build(
      at ? &targets_[*at] : nullptr,
      [&](message::Request::Builder request) {
        fill(request);
        type = request.getType();
      },
      timeout, words_hint);
  made.idempotent = options_.idempotent.contains(type);
  auto& c = calls_.emplace(id, std::move(made)).first->second;
  if (!at || !send_to(id, c, *at, true)) (void)send_somewhere(id, c);
  watch(id, c);
  return id;
}

/// `to`: null when there is nobody to send it to yet.
frame router::build(const target* to, const fill_request& fill, std::chrono::milliseconds timeout,
                    std::size_t words_hint) {
  return make_frame<message::SubmitBatch>(
      {0, {node_->id, key_}, seat_, {}},
      [&](message::SubmitBatch::Builder batch) {
        batch.setTimeoutMillis(static_cast<std::uint32_t>(timeout.count()));
        auto request = batch.initRequests(1)[0];
        fill(request);
        if (to == nullptr) return;
        batch.setSession(to->session.value);
        batch.setFirstOpen(to->first_open().value);
        request.setSequence(to->next.value);
      },
      words_hint);
}

/// The same request for another node.
frame router::rebuild(const frame& built, const target& to, const call& c) const {
  opened_frame opened{built};
  auto before = opened.body<message::SubmitBatch>();
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(c.deadline - now());
  return make_frame<message::SubmitBatch>(
      built.head(),
      [&](message::SubmitBatch::Builder batch) {
        batch.setSession(to.session.value);
        batch.setFirstOpen(to.first_open().value);
        batch.setTimeoutMillis(static_cast<std::uint32_t>(std::max<std::int64_t>(left.count(), 1)));
        auto requests = batch.initRequests(1);
        requests.setWithCaveats(0, before.getRequests()[0]);
        requests[0].setSequence(to.next.value);
      },
      built.words().size());
}

bool router::send_to(request_sequence id, call& c, std::size_t at, bool built_for_it) {
  auto& t = targets_[at];
  if (!built_for_it) c.built = rebuild(c.built, t, c);
  if (node_->send(t.node, c.built) != errc::none) {
    request_failed(at);
    return false;
  }
  c.attempts.push_back({.target = at, .session = t.session, .sequence = t.next, .sent_at = now()});
  t.open.emplace_hint(t.open.end(), t.next, id);
  t.next = t.next.next();
  return true;
}

/// To a node that does not have it: to one that is well and never had it first, then to one that is
/// well and was late or refused it, then to any.
bool router::send_somewhere(request_sequence id, call& c) {
  using tier = target_table::tier;
  std::vector<bool> unreachable(targets_.size(), false);
  for (const auto least : {tier::well, tier::any})
    for (const bool only_new : {true, false})
      for (;;) {
        const auto not_these = [&](std::size_t other) {
          return unreachable[other] || (only_new ? c.tried(other) : c.waits_for(other));
        };
        auto at = targets_.choose(c.affinity, now(), *node_->ports.random, not_these, least);
        if (!at) break;
        if (send_to(id, c, *at, false)) return true;
        unreachable[*at] = true;
      }
  return false;
}

void router::resend(call& c) {
  auto& a = c.attempts.back();
  if (!a.late) request_failed(a.target);
  a.sent_at = now();
  ++a.sends;
  // In the session it was numbered in: a node that lost that refuses it.
  (void)node_->send(targets_[a.target].node, c.built);
}

/// The node is gone or leaves: what may be executed twice goes to others at once.
void router::move_from(std::size_t at) {
  std::vector<request_sequence> ids;
  for (const auto& [sequence, id] : targets_[at].open) ids.push_back(id);
  for (auto id : ids) {
    auto found = calls_.find(id);
    if (found == calls_.end() || !found->second.idempotent) continue;
    auto& c = found->second;
    for (auto& a : c.attempts) a.late = a.late || a.target == at;
    if (c.newest_open() != nullptr || c.attempts.size() >= attempts_max) continue;
    budget_.owe(now());
    counters_.retries.add();
    (void)send_somewhere(id, c);
    watch(id, c);
  }
}

/// A node can be sent to again: to it goes what nobody has, or had in time.
void router::send_unsent() {
  for (auto& [id, c] : calls_) {
    if (c.newest_open() != nullptr || (c.in_doubt() && !c.idempotent)) continue;
    if (c.attempts.size() < attempts_max && send_somewhere(id, c)) watch(id, c);
  }
}

}  // namespace us
