#pragma once
/// A request handed to an instance, to be answered once, at once or later. Copies share it.
///
/// When the last copy goes unanswered, the host is told: a request that was never read is
/// certainly not executed, else its outcome is unknown. One that outlives its instance unread is
/// withdrawn: nobody can read it any more.

#include "actors/singleton/execution_book.hpp"
#include "messages/frame.hpp"
#include "runtime/service/record.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <capnp/message.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "messages/singleton.capnp.h"

namespace us {

enum class asked_phase : unsigned char { handed, begun, withdrawn, ended };

class asked {
 public:
  asked() = default;
  /// `ticket` names it to the host; `request` is a SingletonRequest.
  asked(frame request, caf::actor host, std::uint64_t ticket);

  /// The capnp type id of the request.
  std::uint64_t type() const;
  /// Valid as long as a copy of this lives. From now on it counts as executed. Throws
  /// kj::Exception when the body is not of that type, `rejected` when it is withdrawn.
  template <class Request>
  typename Request::Reader read() const {
    take_up();
    return body().getBody().template getAs<Request>();
  }
  /// Done. `fill` gets Reply::Builder. No effect when it was answered before.
  template <class Reply, class Fill>
  void answer(Fill&& fill) const {
    capnp::MallocMessageBuilder reply;
    fill(reply.initRoot<Reply>());
    settle({.reply = to_bytes(reply)});
  }
  /// Rejected: the caller may rely on its not being executed.
  void refuse(message::Reason reason, std::string text) const;

  /// For the host, which keeps no copy.
  std::shared_ptr<std::atomic<asked_phase>> phase() const;

 private:
  struct state;

  void take_up() const;
  message::SingletonRequest::Reader body() const;
  void settle(singletons::verdict with) const;

  std::shared_ptr<state> state_;
};

/// To the host, from a request that was answered or dropped.
struct asked_ended {
  std::uint64_t ticket = 0;
  singletons::verdict verdict;
};

inline std::string to_string(const asked&) {
  return "asked";
}
inline std::string to_string(const asked_ended&) {
  return "asked_ended";
}

}  // namespace us

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(us::asked)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(us::asked_ended)
