#pragma once
/// What a node says of a service with several partitions: the sum of its replicas, and each of them
/// when asked for.

#include "actors/app/admin_actor.hpp"

#include "messages/status.capnp.h"

namespace us {

/// Fills the sum of what the partitions' seats said. One that did not answer is in nothing, but is
/// leaderless. `each`: adds what every one of them said.
void fill_partitioned(message::ServiceStatus::Builder into, const shown_service& of,
                      const service_view& seen, bool each);

/// What is null has no member in the JSON; scripts rely on these.
void fill_missing(message::ServiceStatus::Builder into);

/// Why a replica cannot answer now; empty when it can. `name`: of its group.
std::string unready(const std::string& name, message::ServiceStatus::Reader status);

/// The partitions that this node leads, by what their seats said.
std::vector<std::uint32_t> led_here(const service_view& seen);

}  // namespace us
