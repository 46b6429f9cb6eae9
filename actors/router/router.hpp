#pragma once
/// Spreads requests for one service over the nodes that answer them: for active-active services,
/// every node of which executes requests (replication "none").
///
/// Lives inside a host actor and is used only from its context, as service_client is. Reports every
/// request exactly once: done, rejected (certainly not executed) or unknown. What it does for a
/// request is in call.hpp, whom it chooses in targets.hpp.
///
/// Sends to the service's seats: OpenSession, SubmitBatch, HealthCheck, DrainNoted. Receives their
/// answers and member_changed, which the host passes on (see watch_members). Promise: a request
/// that may be executed twice is answered while a node that it can reach lives and answers in time,
/// whatever happens to the others. Any other request is sent to a second node only when the first
/// certainly did not execute it, and ends as unknown when that cannot be told. Time: one timer for
/// all requests; a late timer means that this node was not scheduled, and then it listens before it
/// judges. Bounds: open_max requests without an outcome, attempts_max attempts each.

#include "actors/client/service_client.hpp"
#include "actors/router/call.hpp"
#include "actors/router/hedging.hpp"
#include "actors/router/retry_budget.hpp"
#include "actors/router/targets.hpp"
#include "runtime/health/member.hpp"

#include <queue>
#include <set>
#include <unordered_map>

#include "messages/routing.capnp.h"

namespace us {

class service;

/// The request types of a service that may be executed twice.
std::set<std::uint64_t> idempotent_types(const service& of);

class router : public std::enable_shared_from_this<router> {
 public:
  struct options {
    std::string service;
    std::set<std::uint64_t> idempotent{};  ///< capnp type ids, see idempotent_types
    std::vector<peer> targets{};           ///< empty: every member of the cluster
    balancing_rules balancing{};
    health_rules health{};
    retry_rules retries{};
    hedge_rules hedging{};
    /// How long one node may take before another is asked. 0: half of heartbeat_silence_max.
    duration attempt_timeout{0};
    std::chrono::milliseconds timeout{0};  ///< 0: the node's request_timeout
    std::size_t open_max = 100'000;
  };
  struct request_options {
    std::string_view key{};                ///< consistent hashing: the same key to the same node
    std::chrono::milliseconds timeout{0};  ///< 0: the router's
  };
  using outcome_callback = service_client::outcome_callback;
  using fill_request = std::function<void(message::Request::Builder)>;

  /// `key`: under which the host listens; see service_client::make.
  static std::shared_ptr<router> make(node_ptr node, caf::actor host, actor_key key, options how,
                                      outcome_callback on_outcome);

  /// What the host adds to its dispatch table.
  std::vector<typed_handler> handlers();
  /// Has the node's heartbeat monitor, if there is one, tell the host of members; the host passes
  /// what it hears to on_member.
  void watch_members();
  void on_member(const member_changed& change);

  /// `fill` sets type and body; leave the sequence alone. An outcome may be reported before this
  /// returns only when rejected as overloaded.
  request_sequence submit(const fill_request& fill, const request_options& how,
                          std::size_t words_hint = 64);
  request_sequence submit(const fill_request& fill) { return submit(fill, request_options{}); }

  std::size_t open() const { return calls_.size(); }
  /// Nodes that are well, now.
  std::size_t usable() const { return targets_.usable(now()); }

 private:
  struct due_call {
    time_point when;
    request_sequence id;
    bool operator<(const due_call& other) const { return when > other.when; }  // the earliest first
  };
  struct counters {
    metrics::counter done, rejected, unknown, retries, hedges, ejections;
  };

  router(node_ptr node, caf::actor host, actor_key key, options how, outcome_callback f);
  void start();
  time_point now() const { return node_->ports.clock->now(); }
  void log(const target& about, std::string_view what) const;

  // -- sending
  frame build(const target* to, const fill_request& fill, std::chrono::milliseconds timeout,
              std::size_t words_hint);
  frame rebuild(const frame& built, const target& to, const call& c) const;
  bool send_somewhere(request_sequence id, call& c);
  bool send_to(request_sequence id, call& c, std::size_t at, bool built_for_it);
  void resend(call& c);
  void move_from(std::size_t at);
  void send_unsent();

  // -- time
  call_times times() const;
  void watch(request_sequence id, const call& c);
  void arm();
  void on_timer(time_point planned, bool listened);
  void set_timer(time_point when, bool listened);
  void step(request_sequence id);
  bool may_retry(const call& c);
  void retry(request_sequence id, call& c);
  void hedge(request_sequence id, call& c);
  void expire(request_sequence id, call& c);

  // -- what comes back
  void accept(message::ReplyBatch::Reader replies, const sender& from);
  void accept_one(std::size_t at, message::Reply::Reader reply);
  void refused(std::size_t at, request_sequence id, call& c, attempt& a, message::Reason reason);
  void session_lost(std::size_t at, request_sequence id, call& c, attempt& a);
  void finish(request_sequence id, const outcome& what);

  // -- health
  void check_all();
  void check(target& t);
  void open_session(target& t);
  void session_opened(message::SessionOpened::Reader opened, const sender& from);
  void health_reply(message::HealthReply::Reader reply, const sender& from);
  void drains(const sender& from);
  void request_failed(std::size_t at);

  node_ptr node_;
  caf::actor host_;
  actor_key key_;
  actor_key seat_;
  options options_;
  outcome_callback on_outcome_;
  target_table targets_;
  retry_budget budget_;
  latency_window latencies_;
  request_sequence next_{1};
  std::unordered_map<request_sequence, call> calls_;
  std::priority_queue<due_call> due_;
  std::optional<time_point> armed_;
  counters counters_;
};

}  // namespace us
