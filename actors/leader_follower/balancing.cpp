#include "actors/leader_follower/balancing.hpp"

#include "actors/leader_follower/balance_rules.hpp"
#include "actors/leader_follower/hand_over.hpp"

#include <algorithm>

namespace us::balancing {

namespace {

constexpr int patience_timeouts = 10;  // of elections
constexpr int patience_timeouts_max = 640;
constexpr std::uint32_t steps = 64;

duration timeout(const role_base& self) {
  return self.node().timing.election_timeout_min;
}

bool fit(leader_actor* self, node_id node) {
  if (node == self->node().id) return !self->log().full();
  const auto& followers = self->state.followers;
  const auto f = std::ranges::find(followers, node, &progress::node);
  return f != followers.end() && f->votes && !f->recovering && !f->no_space && f->sync.in_sync &&
         self->now() - f->heard < timeout(*self);
}

/// Partitions that wait for the same node do not move at once.
duration patience(leader_actor* self, const balance& now) {
  const auto step = self->group().partition.index % steps;
  return now.patience + step * duration{self->node().timing.leader_beat};
}

}  // namespace

bool chooses(const role_base& self) {
  return !self.group().partition.only() || !self.group().priorities.empty();
}

void look_after(leader_actor* self) {
  auto& s = self->state;
  const auto partition = self->group().partition;
  const auto& priorities = self->group().priorities;
  if (!chooses(*self) || s.handing_over || self->store().chosen == self->epoch()) return;
  const auto own = self->node().id;
  auto wanted = rules::preferred_leader(
      partition.index, self->configuration().voting(),
      [self](node_id node) { return fit(self, node); }, priorities);
  // One partition need not be spread: among equals whoever leads stays.
  if (partition.only() && self->group().priority(wanted) == self->group().priority(own) &&
      fit(self, own))
    wanted = own;
  auto& b = s.balance;
  if (b.wanted != wanted) b = {wanted, self->now(), patience_timeouts * timeout(*self)};
  if (wanted.none() || wanted == own) return;
  if (self->now() - b.since < patience(self, b)) return;
  b.since = self->now();
  b.patience = std::min(2 * b.patience, patience_timeouts_max * timeout(*self));
  (void)handing::to_node(self, wanted, false);  // it says itself why not
}

void stay(leader_actor* self) {
  self->store().chosen = self->epoch();
}

duration first_wait(const role_base& self) {
  const auto& partition = self.group().partition;
  if (partition.only() || !self.epoch().none()) return duration{0};
  const auto first = rules::preferred_leader(
      partition.index, self.configuration().voting(),
      [&](node_id node) { return !self.configuration().is_witness(node); },
      self.group().priorities);
  return first == self.node().id ? duration{0} : 2 * timeout(self);
}

duration lower_wait(const role_base& self, const std::function<bool(node_id)>& up) {
  const auto& priorities = self.group().priorities;
  if (priorities.empty()) return duration{0};
  const auto may_lead = [&](node_id node) {
    return !self.configuration().is_witness(node) && up(node);
  };
  const auto voters = self.configuration().voting();
  const bool later = rules::outranked(self.node().id, voters, may_lead, priorities);
  return later ? timeout(self) : duration{0};
}

}  // namespace us::balancing
