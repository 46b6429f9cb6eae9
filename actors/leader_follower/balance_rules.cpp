#include "actors/leader_follower/balance_rules.hpp"

#include "runtime/mutants.hpp"

#include <algorithm>
#include <utility>

namespace us::rules {

namespace {

/// Appends the order among equals.
void add_in_turn(std::uint32_t partition, std::vector<node_id> equals, std::vector<node_id>& to) {
  std::ranges::sort(equals);
  std::size_t turn = partition;
  while (!equals.empty()) {
    const auto next = equals.begin() + static_cast<std::ptrdiff_t>(turn % equals.size());
    turn /= equals.size();
    to.push_back(*next);
    equals.erase(next);
  }
}

}  // namespace

unsigned priority_of(node_id node, const priorities& given) {
  const auto at = given.find(node);
  if (at == given.end()) return priority_usual;
  return mutant(bug::priority_ignored) ? std::min(at->second, priority_usual) : at->second;
}

std::vector<node_id> leader_order(std::uint32_t partition, const std::vector<node_id>& voters,
                                  const priorities& given) {
  std::map<unsigned, std::vector<node_id>, std::greater<>> ranks;
  for (const auto node : voters) ranks[priority_of(node, given)].push_back(node);
  ranks.erase(0);
  std::vector<node_id> order;
  for (auto& [priority, equals] : ranks) add_in_turn(partition, std::move(equals), order);
  return order;
}

node_id preferred_leader(std::uint32_t partition, const std::vector<node_id>& voters,
                         const std::function<bool(node_id)>& fit, const priorities& given) {
  for (const auto node : leader_order(partition, voters, given))
    if (fit(node)) return node;
  return {};
}

bool outranked(node_id own, const std::vector<node_id>& voters,
               const std::function<bool(node_id)>& up, const priorities& given) {
  return std::ranges::any_of(voters, [&](node_id node) {
    return priority_of(node, given) > priority_of(own, given) && up(node);
  });
}

}  // namespace us::rules
