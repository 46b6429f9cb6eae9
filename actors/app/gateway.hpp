#pragma once
/// Executes requests of one service for callers that are no actors: the HTTP threads.
///
/// An actor per node and service, listed under gateway_key(). Receives execute_request from any
/// thread; hosts a partitioned_client. The promise is fulfilled with the outcome, or broken when
/// the gateway ends first (then the outcome is unknown).

#include "actors/client/partitioned_client.hpp"
#include "runtime/service/service.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/fwd.hpp>
#include <capnp/message.h>

#include <future>
#include <memory>
#include <string>

namespace us {

/// An outcome that owns its reply.
struct call_outcome {
  outcome_kind kind = outcome_kind::unknown;
  message::Reason reason = message::Reason::NONE;
  std::string text;
  std::string reply;  ///< done: a Cap'n Proto stream message
  log_index index;    ///< as in us::outcome
  std::optional<duration> age;
};

struct execute_request {
  std::uint64_t type = 0;
  std::shared_ptr<capnp::MessageBuilder> body;  ///< left alone by the sender from now on
  std::shared_ptr<std::promise<call_outcome>> into;
  submit_options options = {};
};
inline std::string to_string(const execute_request&) {
  return "execute_request";
}

actor_key gateway_key(const std::string& service);

/// `seat`, `final_refusals`: see service_client::options.
caf::actor spawn_gateway(caf::actor_system& system, node_ptr node, std::string service,
                         actor_key seat = {}, bool final_refusals = false,
                         partitioning partitions = {});

}  // namespace us

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(us::execute_request)
