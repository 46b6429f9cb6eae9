#pragma once
/// Opens the owners of virtual addresses on this machine's interfaces.

#include "runtime/config/config.hpp"
#include "runtime/live/live_address_owner.hpp"
#include "runtime/node/context.hpp"

#include <memory>

namespace us {

/// Logs what a former process had left on the interface, which is removed. Errors are one line for
/// a person: missing capabilities, no such interface.
result<std::shared_ptr<live_address_owner>> open_address_owner(const node_context& node,
                                                               address_owner_setup setup);

/// Whether all nodes of the configuration can run on one machine: an interface holds an address
/// for one of them. The error says what to do instead.
status fits_one_host(const cluster_config& config);

}  // namespace us
