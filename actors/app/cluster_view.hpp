#pragma once
/// What the nodes of a cluster say of themselves, asked over HTTP by a command. Blocks.

#include "runtime/config/config.hpp"

#include <optional>
#include <string_view>
#include <vector>

#include "actors/app/cluster_status.capnp.h"

namespace us {

/// Asks every node, one after another; one that does not answer is listed with the reason.
void gather_status(const cluster_config& config, message::ClusterStatus::Builder into);

/// What a node says of each of its replicas: of each partition where a service has several.
std::vector<message::ServiceStatus::Reader> groups_of(message::ClusterStatus::Node::Reader node);

/// The group as its newest leader (or active) sees it, if any node says that it leads.
std::optional<message::ServiceStatus::Reader> leader_of(message::ClusterStatus::Reader cluster,
                                                        std::string_view service,
                                                        std::uint32_t partition = 0);

}  // namespace us
