#pragma once
/// Who is active, and when a passive takes over: rules without actors, clocks or I/O.
///
/// Source: VRRP (RFC 9568) for missed intervals and skew by priority; Raft for the epoch that
/// decides between two.

#include "messages/ids.hpp"
#include "runtime/ports/clock.hpp"

#include <compare>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace us::active_passive::rules {

/// What an active puts forward. Of two the one with the newer epoch stays; with the same epoch (two
/// that took over on two sides of a partition) the higher priority, then the smaller node id.
struct claim {
  us::epoch epoch;
  unsigned priority = 0;
  node_id node;
};
bool outranks(const claim& one, const claim& other);

/// A node that could take over.
struct contender {
  unsigned priority = 0;
  node_id node;
};
/// How many of the others come before `own`.
std::size_t rank(const contender& own, const std::vector<contender>& others);

struct patience {
  duration heartbeat;
  unsigned missed = 3;

  /// Silence after which an active is taken for gone.
  duration silence() const { return heartbeat * missed; }
  /// Who comes later in rank waits for those before it to be heard: two intervals each.
  duration skew(std::size_t rank) const { return heartbeat * 2 * static_cast<int>(rank); }
  /// How late its own timer may be before a node doubts itself rather than the others.
  duration pause_max() const { return heartbeat + heartbeat / 2; }
};

/// What a passive knows about the active.
struct watched {
  time_point listening_since{};            ///< it heard nothing, or was not scheduled, before
  std::optional<time_point> active_heard;  ///< the last beat of an active
  std::optional<time_point> active_gone;   ///< it said goodbye, or its machine refuses it
};
/// When to take over if nothing more is heard until then.
time_point takeover_at(const watched& known, const patience& with, std::size_t rank);

/// How long two were active at once, when the other's claim reaches the one that yields: both have
/// been since the later of their starts, and the one that yields until `own_ended_ago` before now.
duration overlap(duration own_active_for, duration own_ended_ago, duration other_active_for);

/// Damps a node that becomes active again and again: it does not preempt while it did so
/// `most` times within the window. It still takes over when nobody is active.
class flap_history {
 public:
  flap_history(unsigned most, duration window) : most_(most), window_(window) {}
  void became_active(time_point now);
  bool damped(time_point now) const;

 private:
  unsigned most_;
  duration window_;
  std::deque<time_point> times_;  ///< the newest `most_`
};

}  // namespace us::active_passive::rules
