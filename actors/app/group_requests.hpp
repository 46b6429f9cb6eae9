#pragma once
/// Asks groups of a service for the same, all at once, and makes one answer of theirs: changes of
/// members, and of leaders. For HTTP threads; waits for the node's actors.
///
/// With several groups the answer is done when all have done it, and refused when all have refused
/// it; else unknown: it says which has not done it, and how many have.

#include "actors/app/http.hpp"
#include "actors/client/members_client.hpp"
#include "runtime/node/context.hpp"
#include "runtime/service/partition.hpp"

#include <string>
#include <vector>

namespace us {

/// `what`: of which partition is set here.
http_response change_members_of(const node_context& node, const members_client::change& what,
                                const std::vector<partition_id>& groups);

/// Groups that are led here.
http_response change_leaders_of(const node_context& node, const std::string& service,
                                const peer& to, const std::vector<partition_id>& groups);

}  // namespace us
