#pragma once
/// Asks the seat of the tests' service on its node for its status, once, as the HTTP side does.

#include "actors/client/service_client.hpp"
#include "runtime/node/node_actor.hpp"

#include <memory>
#include <optional>

#include "messages/status.capnp.h"

namespace us::test {

/// The answer is left in `into`: a ServiceStatus.
class status_request final : public node_actor {
 public:
  status_request(caf::actor_config& config, node_ptr node, std::shared_ptr<std::optional<frame>> to)
      : node_actor(config, std::move(node)), into_(std::move(to)) {}

 protected:
  caf::behavior make_behavior() override {
    listen_as(actor_key_of("status-request"));
    (void)send_frame<message::StatusRequest>({node().id, seat_key("lists")}, {}, [](auto) {});
    return serve(dispatch_table{{on_frame<message::ServiceStatus>([this](const frame& f, auto&) {
      *into_ = f;
      quit();
    })}});
  }

 private:
  std::shared_ptr<std::optional<frame>> into_;
};

}  // namespace us::test
