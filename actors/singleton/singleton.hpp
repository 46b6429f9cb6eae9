#pragma once
/// A cluster singleton: an actor of which one instance lives in the cluster, on one node; the other
/// nodes stand by. The user's header.
///
///   struct tickets_state { std::int64_t last = 0; };
///   caf::behavior tickets(us::singleton_actor<tickets_state>* self) {
///     return self->serve_requests({us::answers<Take, Ticket>(
///         [self](Take::Reader, Ticket::Builder ticket) { ticket.setNumber(++self->state.last);
///         })});
///   }
///   us::app program{.name = "desk", .singletons = {us::make_singleton<tickets_state>("tickets",
///   tickets)}};
///
/// Who is live is decided by an active-passive group without addresses (actors/active_passive).
/// Requests go to the proxy on one's own node: service_client with seat = singleton_key(name).
/// A crash restarts the instance on its node, with backoff; once it crashed too often the node
/// gives the activity up, and stands by again after a while.

#include "actors/singleton/instance.hpp"
#include "runtime/config/singleton_config.hpp"
#include "runtime/service/service.hpp"
#include "runtime/supervision/supervision_rules.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace us {

struct singleton {
  /// Starts an instance. May throw: that is a crash.
  using factory = std::function<caf::actor(caf::actor_system&, const singleton_start&)>;

  std::string name;  ///< of a service or a singleton: unique in its program
  factory start;
  restart_policy restarts = {};
  /// How long a node stands aside after more crashes than `restarts` allows.
  duration cool_down = std::chrono::seconds{60};
  std::vector<std::function<void(service&)>> offered = {};

  /// A request that its instances answer: then it can be called with JSON too (the call command,
  /// HTTP). Frames need no such word.
  template <class Request, class Reply>
  singleton& offers() {
    offered.emplace_back([](service& to) {
      to.on<Request, Reply>([](typename Request::Reader, typename Reply::Builder) {
        throw rejected{"a singleton's instance answers this"};
      });
    });
    return *this;
  }
  /// Its name and the schemas of what it offers.
  service description() const;
};

/// A singleton whose instances are made of a state and a function that returns its behavior.
template <class State>
singleton make_singleton(std::string name, typename singleton_actor<State>::function begin) {
  return {std::move(name), [begin](caf::actor_system& system, const singleton_start& with) {
            return caf::actor_cast<caf::actor>(system.spawn<singleton_actor<State>>(with, begin));
          }};
}

/// A node's part of it: the proxy, and what makes the instance live here when it is this node's
/// turn. On user_shutdown it hands over first.
caf::actor spawn_singleton(caf::actor_system& system, const node_ptr& node, const singleton& of,
                           const singleton_config& how);

/// The proxy's address, the same on every node.
actor_key singleton_key(std::string_view name);

}  // namespace us
