#include "actors/leader_follower/hand_over.hpp"

#include "actors/leader_follower/balance_rules.hpp"
#include "actors/leader_follower/committing.hpp"
#include "actors/leader_follower/gathering.hpp"
#include "runtime/mutants.hpp"
#include "runtime/probe.hpp"

#include <algorithm>

namespace us::handing {

namespace {

using namespace std::chrono_literals;

/// Election timeouts. Longer than what disks take now and then; see docs/leader-follower.md.
constexpr int stuck_after = 10;

bool can_lead(leader_actor* self, const progress& f) {
  const bool has_all = f.match == self->log().last_index() || mutant(bug::handed_over_before_all);
  return has_all && f.votes && !f.witness && !f.no_space && !f.recovering &&
         self->group().priority(f.node) > 0;
}

void tell(leader_actor* self, const hand_over& h) {
  self->send_to<message::LeadNow>(h.successor,
                                  [&](message::LeadNow::Builder now) { now.setChosen(h.chosen); });
}

/// Asks one follower that has everything to stand at once; until one has, waits. Only one: two
/// would take each other's votes.
void ask_one(leader_actor* self) {
  auto& h = *self->state.handing_over;
  if (!self->state.turn->empty() || !h.successor.none()) return;
  const auto& followers = self->state.followers;
  const auto next = rules::preferred_leader(
      self->group().partition.index, self->configuration().voting(),
      [&](node_id node) {
        const auto f = std::ranges::find(followers, node, &progress::node);
        return f != followers.end() && can_lead(self, *f) && (h.wanted.none() || node == h.wanted);
      },
      self->group().priorities);
  if (next.none()) return;
  h.successor = next;
  self->state.lease_over = true;  // for good: what is sent now may come late
  probe(rare::handed_over);
  tell(self, h);
}

/// LeadNow may have been lost, or the one that was asked is gone.
void ask_again(leader_actor* self) {
  auto& h = *self->state.handing_over;
  const duration patience = self->node().timing.election_timeout_min;
  for (const auto& f : self->state.followers) {
    if (f.node != h.successor) continue;
    if (self->now() - f.heard < patience / 2) return tell(self, h);
    h.successor = {};
  }
  ask_one(self);
}

void begin(leader_actor* self, node_id wanted, duration patience, bool chosen = false) {
  self->state.handing_over = hand_over{wanted, self->now() + patience, {}, chosen};
  gathering::send_all(self);
  committing::schedule_end_of_turn(self);  // what a busy disk keeps open must be in the log
  ask_one(self);
}

/// This disk has no space while that of a follower, which has everything, does: it had better lead.
bool fuller_than_a_follower(leader_actor* self) {
  if (!self->log().full()) return false;
  const auto& followers = self->state.followers;
  return std::any_of(followers.begin(), followers.end(),
                     [&](const progress& f) { return can_lead(self, f); });
}

/// This disk has done nothing for long, although it should. Others go on with theirs. (One that is
/// full answers.)
bool stuck(leader_actor* self) {
  auto& s = self->state;
  const auto& log = self->log();
  const auto done = log.durable_index();
  if (done == log.last_index() || done != s.synced_then || log.full()) {
    s.synced_then = done;
    s.synced_at = self->now();
  }
  return self->now() - s.synced_at > stuck_after * self->node().timing.election_timeout_min;
}

void report_stuck(leader_actor* self) {
  probe(rare::disk_stuck);
  self->node().ports.log->write(severity::event,
                                "the disk of " + self->node().name + " has not answered for " +
                                    std::to_string((self->now() - self->state.synced_at) / 1ms) +
                                    " ms: it hands over");
}

}  // namespace

void to_anyone(leader_actor* self) {
  auto& s = self->state;
  if (self->configuration().voters() < 2) return self->retire(role::follower, "the node stops");
  if (s.handing_over && s.handing_over->wanted.none()) return;
  begin(self, {}, 2 * duration{self->node().timing.election_timeout_min});
}

std::string to_node(leader_actor* self, node_id to, bool chosen) {
  auto& s = self->state;
  const auto name = self->name_of(to);
  if (to == self->node().id) return name + " leads already";
  if (s.handing_over)
    return s.handing_over->wanted == to ? "" : "it is handing over to another node";
  const auto f = std::find_if(s.followers.begin(), s.followers.end(),
                              [&](const progress& each) { return each.node == to; });
  if (f == s.followers.end()) return name + " is no member of this group";
  if (!f->votes) return name + " is no voter of this group";
  if (f->witness) return name + " is a witness: it has no records to lead with";
  if (self->group().priority(to) == 0 && !mutant(bug::priority_zero_chosen))
    return name + " has priority 0: it is never to lead";
  if (f->recovering) return name + " has lost its disk and has not caught up";
  if (f->no_space) return "the disk of " + name + " is full";
  const duration silence = self->node().timing.election_timeout_min;
  if (self->now() - std::max(f->heard, s.began) > silence) return name + " is not heard";
  if (!f->sync.in_sync)
    return name + " lacks entries (" +
           std::to_string(self->log().last_index().value - f->match.value) +
           "): try again when it has caught up";
  self->node().ports.log->write(self->group().told(), self->node().name + " hands over " +
                                                          self->group().name + " to " + name);
  begin(self, to, silence, chosen);
  return {};
}

void go_on(leader_actor* self) {
  if (self->state.handing_over) ask_one(self);
}

bool look_after(leader_actor* self) {
  auto& s = self->state;
  if (s.handing_over && self->now() > s.handing_over->until) {
    const auto wanted = s.handing_over->wanted;
    if (wanted.none()) {
      self->retire(role::follower, "nobody took over in time");
      return false;
    }
    // It may still win, if it was asked: then its newer epoch ends this leadership.
    probe(rare::hand_over_given_up);
    s.handing_over.reset();
    self->node().ports.log->write(
        self->group().told(), self->name_of(wanted) + " did not take over " + self->group().name +
                                  " from " + self->node().name + " in time, which goes on leading");
  }
  if (s.handing_over) ask_again(self);
  const bool is_stuck = stuck(self) && self->configuration().voters() > 1;
  if (is_stuck && !s.handing_over) report_stuck(self);
  if (fuller_than_a_follower(self) || is_stuck) to_anyone(self);
  return true;
}

}  // namespace us::handing
