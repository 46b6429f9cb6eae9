#pragma once
/// Handlers typed by schema: on<VoteRequest>([](VoteRequest::Reader r, const sender& from) {...}).
///
/// A dispatch_table finds the handler by the frame's type id. A handler reads all
/// that it needs before it acts: when the body turns out malformed on the way,
/// dispatch reports it and nothing has changed.

#include "messages/frame.hpp"

#include <kj/exception.h>

#include <functional>
#include <utility>
#include <vector>

namespace us {

/// Who sent a frame, and the epoch that it carries.
struct sender {
  node_id node;
  actor_key actor;
  us::epoch epoch;

  address where() const { return {node, actor}; }
};

struct typed_handler {
  std::uint64_t type;
  std::function<void(const frame&, const sender&)> run;
};

/// Handler for bodies of type Body: f(Body::Reader, const sender&).
template <class Body, class F>
typed_handler on(F f) {
  return {capnp::typeId<Body>(), [f = std::move(f)](const frame& received, const sender& from) {
            opened_frame opened{received};
            f(opened.body<Body>(), from);
          }};
}

/// Handler that gets the frame as it is, to forward or keep it.
template <class Body, class F>
typed_handler on_frame(F f) {
  return {capnp::typeId<Body>(), [f = std::move(f)](const frame& received, const sender& from) {
            f(received, from);
          }};
}

enum class dispatch_result { handled, unknown_type, malformed };

class dispatch_table {
 public:
  dispatch_table() = default;
  explicit dispatch_table(std::vector<typed_handler> handlers) : handlers_(std::move(handlers)) {}

  void add(typed_handler handler) { handlers_.push_back(std::move(handler)); }

  dispatch_result dispatch(const frame& received) const {
    const auto& head = received.head();
    for (const auto& handler : handlers_) {
      if (handler.type != head.type) continue;
      try {
        handler.run(received, {head.from.node, head.from.actor, head.epoch});
        return dispatch_result::handled;
      } catch (const kj::Exception&) {
        return dispatch_result::malformed;
      }
    }
    return dispatch_result::unknown_type;
  }

 private:
  std::vector<typed_handler> handlers_;
};

}  // namespace us
