#pragma once
/// Whether one node should get requests, from what is known of it: active checks (does it answer,
/// what does the heartbeat monitor say) and passive ones (how did its requests end).
///
/// down: it answers no checks, or the monitor suspects it. A check that it answers ends that.
/// ejected: several requests in a row failed there (no answer in time, not reachable, overloaded);
/// for a time that grows with each ejection and shrinks back with time in service. Ejection is a
/// guess, so rules for all nodes together bound it: may_eject, panics. weight: after it was down or
/// ejected it gets its share back step by step (slow start). Pure: time comes in. Source: outlier
/// detection and panic threshold as Envoy has them.

#include "runtime/ports/clock.hpp"

#include <cstddef>

namespace us {

struct health_rules {
  duration check_every{0};  ///< 0: a quarter of the node's heartbeat_silence_max
  unsigned misses_max = 3;  ///< checks in a row without an answer: it is down
  unsigned failures_max = 5;
  duration eject_base = std::chrono::seconds{1};  ///< times how often it was ejected
  duration eject_max = std::chrono::seconds{30};
  double eject_share_max = 0.5;  ///< of the known nodes
  double panic_share = 0.3;      ///< fewer than this share usable: use all
  duration slow_start = std::chrono::seconds{1};
};

/// Whether one more of `known` nodes may be ejected: never the last, never more than the share (but
/// one of two or more always may).
bool may_eject(std::size_t ejected, std::size_t known, double share_max);

/// So few are usable that the checks are likelier wrong than the nodes.
bool panics(std::size_t usable, std::size_t known, double panic_share);

/// 0.1 when it has just come back, 1 after the window.
double slow_start_weight(duration since_back, duration window);

class target_health {
 public:
  explicit target_health(const health_rules& rules) : rules_(&rules) {}

  // -- active
  /// True when it is down from now on.
  bool check_sent();
  void check_answered(time_point now);
  /// True when it is down from now on.
  bool suspect();
  bool down() const { return suspected_ || missed_ > rules_->misses_max; }

  // -- passive
  void succeeded() { failures_ = 0; }
  /// True when it should be ejected.
  bool failed() { return ++failures_ >= rules_->failures_max; }
  void eject(time_point now);
  bool ejected(time_point now) const { return now < ejected_until_; }

  double weight(time_point now) const;

 private:
  const health_rules* rules_;
  unsigned missed_ = 0;  ///< checks sent since the last answer
  bool suspected_ = false;
  unsigned failures_ = 0;
  unsigned ejections_ = 0;
  time_point ejected_until_{};
  time_point back_since_{};  ///< epoch: it was always there
};

}  // namespace us
