#pragma once
/// The lease: who may be active, by majority, and until when by whose clock. Rules without actors,
/// clocks or I/O.
///
/// Each node of the group grants at most one lease at a time. A grant lasts `lease` by the clock of
/// the node that gives it, from the moment it is given; the holder counts from the moment it asked,
/// by its own clock, shortened for the drift of both. So when any node may grant to another, the
/// holder has stopped by itself, though it hears nothing.
/// Promises (epoch, holder) are durable before they are told. A node that starts remembers what it
/// promised but not when, so it grants nothing for a whole lease, except again to the same.
/// Source: Gray and Cheriton 1989; Lamport's Paxos for the promises.

#include "messages/ids.hpp"
#include "runtime/ports/clock.hpp"

#include <cstdint>
#include <map>
#include <set>

namespace us::active_passive::rules {

constexpr std::int64_t million = 1'000'000;

/// How long a holder may rely on a lease, from its request, by its own clock, when no clock runs
/// more than `drift_ppm` fast or slow.
constexpr duration hold_time(duration lease, std::int64_t drift_ppm) {
  return duration{lease.count() / (million + drift_ppm) * (million - drift_ppm)};
}

struct promise {
  us::epoch epoch;
  node_id holder;
  friend bool operator==(const promise&, const promise&) = default;
};

enum class answer : unsigned char {
  granted,
  refused,
  promise_first,  ///< make the promise durable, call promised(), then judge again
};

/// What one node has promised and granted.
class lease_book {
 public:
  /// `kept`: from the disk; `now`: of this start.
  lease_book(const promise& kept, time_point now, duration lease)
      : promise_(kept), granted_(kept), lease_(lease), ends_(now + lease) {}

  /// Judges a request for that epoch by that node; granted: the grant begins now.
  answer judge(const promise& asked, time_point now);
  /// It is durable now.
  void promised(const promise& durable);
  /// The holder of that epoch no longer needs it.
  void released(const promise& by);

  const promise& last() const { return promise_; }
  /// Who has this node's grant at that time; none: nobody.
  node_id holder(time_point now) const { return now < ends_ ? granted_.holder : node_id{}; }

 private:
  promise promise_;
  promise granted_;  ///< who may rely on this node until ends_
  duration lease_;
  time_point ends_;
};

/// What a claimant or holder has asked for and got.
class lease_tally {
 public:
  /// `members`: of the group, all of which grant. `first_round`: by chance, so that answers to
  /// a former actor's requests are not taken for answers to this one's.
  lease_tally(std::size_t members, duration hold, std::uint64_t first_round)
      : members_(members), hold_(hold), round_(first_round) {}

  /// Begins a round; returns its number.
  std::uint64_t ask(time_point now);
  /// Counts a grant. True: a majority has granted that round.
  bool granted(std::uint64_t round, node_id by);
  /// Until when the lease is held; the clock's beginning when it never was.
  time_point held_until() const { return held_until_; }

 private:
  static constexpr std::size_t rounds_max = 64;
  struct round {
    time_point asked;
    std::set<node_id> by;
  };

  std::size_t members_;
  duration hold_;
  std::uint64_t round_;
  std::map<std::uint64_t, round> rounds_;
  time_point held_until_{};
};

}  // namespace us::active_passive::rules
