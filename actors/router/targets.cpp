#include "actors/router/targets.hpp"

#include <algorithm>

namespace us {

namespace {

std::vector<std::string> names_of(const std::vector<std::pair<node_id, std::string>>& nodes) {
  std::vector<std::string> names;
  for (const auto& [node, name] : nodes) names.push_back(name);
  return names;
}

}  // namespace

target_table::target_table(const std::vector<std::pair<node_id, std::string>>& nodes,
                           const balancing_rules& how, const health_rules& health)
    : health_(health), how_(how), ring_(names_of(nodes)) {
  for (const auto& [node, name] : nodes)
    targets_.push_back({.node = node,
                        .name = name,
                        .health = target_health{health_},
                        .session = {},
                        .next = {1},
                        .open = {}});
}

std::optional<std::size_t> target_table::find(node_id node) const {
  for (std::size_t i = 0; i < targets_.size(); ++i)
    if (targets_[i].node == node) return i;
  return std::nullopt;
}

bool target_table::well(const target& t, time_point now) const {
  return !t.session.none() && !t.draining && !t.health.down() && !t.health.ejected(now);
}

std::size_t target_table::usable(time_point now) const {
  return static_cast<std::size_t>(std::count_if(targets_.begin(), targets_.end(),
                                                [&](const target& t) { return well(t, now); }));
}

void target_table::collect(time_point now, const excluded& not_these, bool only_well,
                           bool draining) {
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    const auto& t = targets_[i];
    if (t.session.none() || t.open.size() >= how_.in_flight_max || t.draining != draining) continue;
    if (only_well && !well(t, now)) continue;
    if (not_these && not_these(i)) continue;
    candidates_.push_back({i, t.open.size(), t.health.weight(now)});
  }
}

std::optional<std::size_t> target_table::choose(std::uint64_t affinity, time_point now,
                                                random_source& random, const excluded& not_these,
                                                tier least) {
  // Draining nodes leave on purpose and are not counted; those that are down are.
  const auto staying = static_cast<std::size_t>(std::count_if(
      targets_.begin(), targets_.end(), [](const target& t) { return t.known && !t.draining; }));
  const bool panic = least == tier::any && panics(usable(now), staying, health_.panic_share);
  candidates_.clear();
  if (!panic) collect(now, not_these, true, false);
  if (least == tier::any && candidates_.empty()) collect(now, not_these, false, false);
  if (least == tier::any && candidates_.empty()) collect(now, not_these, false, true);
  if (candidates_.empty()) return std::nullopt;
  return candidates_[pick(affinity, random)].target;
}

std::size_t target_table::pick(std::uint64_t affinity, random_source& random) {
  if (candidates_.size() == 1) return 0;
  switch (how_.strategy) {
    case balancing::round_robin: return choose_in_turn(candidates_, credit_);
    case balancing::least_in_flight: return choose_least_in_flight(candidates_, ++rotation_);
    case balancing::two_choices: return choose_of_two(candidates_, random.next());
    case balancing::consistent_hash: return ring_.choose(candidates_, affinity, how_.load_factor);
  }
  return 0;
}

bool target_table::failed(std::size_t at, time_point now) {
  auto& t = targets_[at];
  if (t.health.ejected(now) || !t.health.failed()) return false;
  std::size_t known = 0;
  std::size_t ejected = 0;
  for (const auto& other : targets_) {
    known += other.known ? 1u : 0u;
    ejected += other.health.ejected(now) ? 1u : 0u;
  }
  if (!may_eject(ejected, known, health_.eject_share_max)) return false;
  t.health.eject(now);
  return true;
}

}  // namespace us
