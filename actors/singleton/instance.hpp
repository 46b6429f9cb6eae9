#pragma once
/// What an instance of a singleton is made of: why it was started, handlers of requests typed by
/// schema, and a base that does nothing once its time is over.
///
/// Receives `asked` from its host, tasks, and what the user adds. A handler that throws `rejected`
/// (or whose request is malformed) has it rejected; any other exception ends the instance, which
/// is started again. Ends on user_shutdown: at once, unless it sets an exit handler that finishes
/// first what it has begun (singleton_config::drain long at most).

#include "actors/singleton/asked.hpp"
#include "actors/singleton/tenure.hpp"
#include "runtime/node/node_actor.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace us {

enum class start_reason : unsigned char {
  first,     ///< nobody that this node has heard knows of an earlier instance
  failover,  ///< the instance on `from` ended without handing over, or may live on cut off
  takeover,  ///< the instance on `from` was ended in order, to be followed by this one
  restart,   ///< the instance before it crashed here, in the same epoch
};
std::string to_string(start_reason why);

/// What an instance is told at its start.
struct singleton_start {
  node_ptr node;
  std::string name;  ///< of the singleton
  start_reason why = start_reason::first;
  node_id from;  ///< where the instance before it lived; none: first
  us::epoch epoch;
  std::shared_ptr<const us::tenure> tenure;  ///< until when it may act
};

struct request_handler {
  std::uint64_t type;
  std::function<void(const asked&)> run;
};

/// Answered at once: f(Request::Reader, Reply::Builder).
template <class Request, class Reply, class F>
request_handler answers(F f) {
  return {capnp::typeId<Request>(), [f = std::move(f)](const asked& request) {
            request.answer<Reply>(
                [&](typename Reply::Builder reply) { f(request.read<Request>(), reply); });
          }};
}

/// Answered by the handler, perhaps later: f(Request::Reader, const asked&).
template <class Request, class F>
request_handler takes(F f) {
  return {capnp::typeId<Request>(),
          [f = std::move(f)](const asked& request) { f(request.read<Request>(), request); }};
}

class singleton_instance : public node_actor {
 public:
  singleton_instance(caf::actor_config& config, singleton_start with);

  const singleton_start& started() const { return start_; }
  /// False: its time is over, another may live elsewhere.
  bool may_act() const { return start_.tenure->holds(now()); }

  /// The behavior of an instance. `more`: handlers of plain CAF messages, which ask may_act().
  caf::behavior serve_requests(std::vector<request_handler> handlers,
                               const caf::message_handler& more = {});
  const char* name() const override { return start_.name.c_str(); }
  void on_exit() override;

 private:
  void handle(const asked& request);

  singleton_start start_;
  std::vector<request_handler> handlers_;
};

/// An instance with its state: State dies with the instance.
template <class State>
class singleton_actor final : public singleton_instance {
 public:
  using function = std::function<caf::behavior(singleton_actor*)>;

  singleton_actor(caf::actor_config& config, singleton_start with, function begin)
      : singleton_instance(config, std::move(with)), begin_(std::move(begin)) {}

  State state;

 protected:
  caf::behavior make_behavior() override { return begin_(this); }

 private:
  function begin_;
};

}  // namespace us
