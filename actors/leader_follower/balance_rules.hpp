#pragma once
/// Who should lead a partition, so that the nodes lead about as many each. Pure: every node comes
/// to the same answer from the same members.
///
/// Each partition has an order of the voters in which they are to lead it: the first ones take
/// turns from partition to partition, among the partitions with the same first one the second ones
/// do, and so on. So leaders are within one of even while all voters live, and those of a node that
/// is gone are spread over the others.
///
/// Priorities come first: that order holds among the nodes of the same priority, those of a higher
/// one lead if they can, and those of priority 0 never do. A group of one partition has no order
/// among equals: whoever was elected stays.

#include "messages/ids.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

namespace us::rules {

constexpr unsigned priority_usual = 1;
constexpr unsigned priority_max = 100;

/// Of the nodes that have another than the usual one, 0 to priority_max.
using priorities = std::map<node_id, unsigned>;

unsigned priority_of(node_id node, const priorities& given);

/// `voters`: in any order. Those of priority 0 are not in it.
std::vector<node_id> leader_order(std::uint32_t partition, const std::vector<node_id>& voters,
                                  const priorities& given = {});

/// The first in that order that is fit to lead; 0: none is.
node_id preferred_leader(std::uint32_t partition, const std::vector<node_id>& voters,
                         const std::function<bool(node_id)>& fit, const priorities& given = {});

/// Whether one of them that is up has a higher priority than `own`.
bool outranked(node_id own, const std::vector<node_id>& voters,
               const std::function<bool(node_id)>& up, const priorities& given);

}  // namespace us::rules
