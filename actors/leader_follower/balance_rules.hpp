#pragma once
/// Who should lead a partition, so that the nodes lead about as many each. Pure: every node comes
/// to the same answer from the same members.
///
/// Each partition has an order of the voters in which they are to lead it: the first ones take
/// turns from partition to partition, among the partitions with the same first one the second ones
/// do, and so on. So leaders are within one of even while all voters live, and those of a node that
/// is gone are spread over the others.

#include "messages/ids.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace us::rules {

/// `voters`: in any order.
std::vector<node_id> leader_order(std::uint32_t partition, std::vector<node_id> voters);

/// The first in that order that is fit to lead; 0: none is.
node_id preferred_leader(std::uint32_t partition, std::vector<node_id> voters,
                         const std::function<bool(node_id)>& fit);

}  // namespace us::rules
