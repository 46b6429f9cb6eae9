#pragma once
/// A client of a service in a simulated cluster: submits requests from a node, as an edge there
/// would, and keeps what became of each.
///
///   auto put = cluster.client_at("a").call<Put, Stored>([](Put::Builder put) { put.setKey("k");
///   }); cluster.advance(1s); EXPECT_EQ(put.outcome(), us::outcome_kind::done);
///
/// A call ends as done, rejected (certainly not executed) or unknown; until then it has no outcome.
/// When the client's node goes down, its open calls end as unknown, as for clients whose connection
/// breaks; a call from a node that is down is rejected.

#include "actors/client/partitioned_client.hpp"
#include "runtime/service/service.hpp"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/array.h>

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace us {

namespace sim {
class node;
}

namespace detail {

struct call_state {
  std::optional<outcome_kind> outcome;
  message::Reason reason = message::Reason::NONE;
  std::string text;
  log_index index;
  std::optional<duration> age;
  kj::Array<capnp::word> reply;
  std::unique_ptr<capnp::FlatArrayMessageReader> reader;
  std::function<void()> then;

  void end(const us::outcome& how);
};

}  // namespace detail

/// What becomes of one request. Copies share it.
template <class Reply>
class simulated_call {
 public:
  explicit simulated_call(std::shared_ptr<detail::call_state> state) : state_(std::move(state)) {}

  bool ended() const { return state_->outcome.has_value(); }
  std::optional<outcome_kind> outcome() const { return state_->outcome; }
  bool done() const { return state_->outcome == outcome_kind::done; }
  /// Why it is rejected or unknown, for people.
  const std::string& text() const { return state_->text; }
  /// Of a call that is done; see us::outcome.
  log_index index() const { return state_->index; }
  std::optional<duration> age() const { return state_->age; }
  /// The reply of a call that is done; throws std::logic_error otherwise.
  typename Reply::Reader reply() const {
    if (!done()) throw std::logic_error{"the call is not done: it has no reply"};
    return state_->reader->template getRoot<Reply>();
  }
  /// Calls `f(*this)` when it ends, within an actor's turn: it may look at the call and at the
  /// time, and not at the simulation's nodes.
  template <class F>
  void then(F f) {
    if (ended()) return f(*this);
    // The state holds the function: a strong reference in it would keep both for ever.
    state_->then = [weak = std::weak_ptr{state_}, f = std::move(f)] {
      if (auto state = weak.lock()) f(simulated_call{state});
    };
  }

 private:
  std::shared_ptr<detail::call_state> state_;
};

class simulated_client {
 public:
  using fill = std::function<void(message::Request::Builder)>;

  /// Of this service on this node, which outlives it. `number` tells the clients of a node apart.
  simulated_client(sim::node& at, std::string service, unsigned number,
                   partitioning partitions = {});
  /// Of a seat that is not the service's, and whose refusals are final: a singleton's proxy.
  simulated_client(sim::node& at, std::string service, unsigned number, actor_key seat);
  /// Calls that are still open stay so, and tell nobody.
  ~simulated_client();
  simulated_client(simulated_client&&) = delete;

  template <class Request, class Reply, class Fill>
  simulated_call<Reply> call(Fill f, const submit_options& what = {}) {
    return simulated_call<Reply>{submit(
        [&f](message::Request::Builder to) {
          to.setType(capnp::typeId<Request>());
          f(to.getBody().template initAs<Request>());
        },
        what)};
  }

  /// How many calls have no outcome yet.
  std::size_t open() const;

 private:
  struct connection;

  std::shared_ptr<detail::call_state> submit(const fill& f, const submit_options& what);
  void connect();

  sim::node& at_;
  std::string service_;
  unsigned number_;
  actor_key seat_;  ///< none: the service's
  partitioning partitions_;
  std::uint64_t connections_ = 0;
  std::shared_ptr<connection> connection_;
};

}  // namespace us
