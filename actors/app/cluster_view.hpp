#pragma once
/// What the nodes of a cluster say of themselves, asked over HTTP by a command. Blocks.
///
/// Only the nodes of the configuration file are asked: a group says where its members have their
/// links, and not where their admin addresses are.

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

/// The group as its newest leader (or active) sees it. One that leads and was not asked, because
/// the configuration file does not have it (it was added to the group), is known by those that
/// follow it: then this is what one of them sees, and has no `replicas`.
std::optional<message::ServiceStatus::Reader> leader_of(message::ClusterStatus::Reader cluster,
                                                        std::string_view service,
                                                        std::uint32_t partition = 0);

/// Whether a node that was reached knows a member of that name in any group of the service.
bool has_member(message::ClusterStatus::Reader cluster, std::string_view service,
                std::string_view name);

}  // namespace us
