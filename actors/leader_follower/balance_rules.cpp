#include "actors/leader_follower/balance_rules.hpp"

#include <algorithm>

namespace us::rules {

std::vector<node_id> leader_order(std::uint32_t partition, std::vector<node_id> voters) {
  std::ranges::sort(voters);
  std::vector<node_id> order;
  std::size_t turn = partition;
  while (!voters.empty()) {
    const auto next = voters.begin() + static_cast<std::ptrdiff_t>(turn % voters.size());
    turn /= voters.size();
    order.push_back(*next);
    voters.erase(next);
  }
  return order;
}

node_id preferred_leader(std::uint32_t partition, std::vector<node_id> voters,
                         const std::function<bool(node_id)>& fit) {
  for (const auto node : leader_order(partition, std::move(voters)))
    if (fit(node)) return node;
  return {};
}

}  // namespace us::rules
