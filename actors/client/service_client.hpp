#pragma once
/// A client of one service: the part of an edge (Redis, HTTP, a user's actor) that gets
/// requests executed. Lives inside its host actor and is used only from its context.
///
/// Sends batches to the seat on its own node, whichever role that has. Numbers requests
/// within a session, retries the same ids until an outcome or the timeout comes (so that
/// a failover is only a delay), and reports every request exactly once:
///   done      the reply
///   rejected  certainly not executed
///   unknown   the timeout passed: it may or may not have been executed
/// Order: requests of one submit() are executed in order; two submits that are under
/// way at once may be executed in either order.
/// Time: it looks after what waits at intervals; with nothing to wait for it does nothing at all.
/// Bounded: rejects with overloaded beyond `open_max` requests without an outcome.
/// Source: sessions as in Ongaro's thesis 6.3.

#include "messages/handlers.hpp"
#include "runtime/node/context.hpp"
#include "runtime/service/partition.hpp"
#include "runtime/service/submit_options.hpp"

#include <caf/actor.hpp>
#include <capnp/any.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "messages/request.capnp.h"

namespace us {

enum class outcome_kind { done, rejected, unknown };

struct outcome {
  outcome_kind kind;
  message::Reason reason = message::Reason::NONE;
  std::string text;  ///< for people, when rejected or unknown
  std::string_view
      reply;  ///< done: a Cap'n Proto stream message, 8-byte aligned; valid during the call
  /// done: what it has seen or done is in the group's log up to here; 0: not known. As `after` of a
  /// later read_policy, also one at another node, it makes that see as much.
  log_index index{};
  /// done, by a read_policy other than linearizable: all that was acknowledged until so long before
  /// the request came is seen; nullopt: not known.
  std::optional<duration> age = {};
};

class service_client : public std::enable_shared_from_this<service_client> {
 public:
  struct options {
    std::string service;
    /// Who executes, on this node: none: the service's seat; else e.g. its router (router_key).
    actor_key seat{};
    std::size_t open_max = 100'000;
    /// 0: the node's request_timeout.
    std::chrono::milliseconds timeout{0};
    /// A refusal by the seat is its answer to every copy of the request (but for an expired
    /// session), so that it counts though the request was sent more than once.
    bool final_refusals = false;
    /// When requests are answered (leader-follower only): as the service is configured.
    std::optional<acknowledgement> acknowledge = {};
  };
  /// Called once per request, in the host's context, in any order.
  using outcome_callback = std::function<void(request_sequence, const outcome&)>;

  /// `key`: under which the host listens in the node's directory (unique on the node); the host
  /// passes frames of the types in handlers() to them, and runs us::task messages.
  static std::shared_ptr<service_client> make(node_ptr node, caf::actor host, actor_key key,
                                              options how, outcome_callback on_outcome);

  /// What the host adds to its dispatch table.
  std::vector<typed_handler> handlers();

  /// Submits `count` requests as one batch; `fill(i, Request::Builder)` sets type and body
  /// of the i-th (leave the sequence alone). Returns the first one's sequence; the others follow
  /// it. An outcome may be reported before this returns only when rejected as overloaded.
  request_sequence submit(std::size_t count,
                          const std::function<void(std::size_t, message::Request::Builder)>& fill,
                          std::size_t words_hint = 128, const submit_options& what = {});

  std::size_t open() const { return open_count_; }
  /// The number that the next request will get.
  request_sequence next() const { return next_; }

 private:
  struct batch {
    request_sequence first;
    session_id session;  ///< that it is sent under; none: it waits for one, or needs none
    bool needs_session = true;
    std::vector<bool> answered;
    std::size_t waiting = 0;
    frame sent;                ///< as it is retried
    std::size_t in_frame = 0;  ///< requests in it
    time_point deadline;
    time_point sent_at;
    unsigned attempts = 0;
    unsigned refused = 0;  ///< attempts that were certainly not executed
  };

  service_client(node_ptr node, caf::actor host, actor_key key, options how, outcome_callback f);
  void start();
  void watch_leader();
  void open_session();
  void session_opened(message::SessionOpened::Reader opened);
  void session_expired(batch& told);
  void begin(batch& b);
  void leave_out_answered(batch& b);
  bool only_attempt(const batch& b) const;
  void leader_changed(node_id leader);
  void send(batch& b);
  void schedule_tick();
  void tick();
  void expire(batch& b);
  void accept(message::ReplyBatch::Reader replies, const sender& from);
  void finish_reply(batch& b, std::size_t position, outcome_kind kind,
                    message::ReplyBatch::Reader of, message::Reply::Reader reply);
  void finish_rest(batch& b, const outcome& what);
  void finish(batch& b, std::size_t position, const outcome& what);
  batch* find(request_sequence sequence);
  void drop_answered();

  node_ptr node_;
  caf::actor host_;
  actor_key key_;
  actor_key seat_;
  options options_;
  outcome_callback on_outcome_;
  session_id session_;
  std::uint64_t nonce_ = 0;
  request_sequence next_{1};
  std::deque<batch> batches_;  ///< by first sequence
  std::size_t open_count_ = 0;
  node_id leader_;
  std::uint64_t ticks_ = 0;
  bool ticking_ = false;
};

/// The key of a service's seat; the same on every node.
actor_key seat_key(std::string_view service);
/// Of one of its partitions: another one with another number of partitions, so that nodes that
/// disagree about it do not take each other's messages.
actor_key seat_key(std::string_view service, const partition_id& of);

}  // namespace us
