#pragma once
/// How many requests may be sent a second time: a share of all requests, so that retries and hedges
/// never multiply the load of nodes that are slow because they are overloaded.
///
/// A bucket of tokens: each request puts `ratio` in, time puts `per_second_min` in, a retry takes
/// one. Moving a request away from a node that is known to be gone is never refused (nobody else
/// has more load from it than it would have had); it may leave the bucket in debt, which later
/// hedges pay for. Pure: time comes in. Source: Finagle's RetryBudget.

#include "runtime/ports/clock.hpp"

namespace us {

struct retry_rules {
  double ratio = 0.2;
  double per_second_min = 10;
  double tokens_max = 100;
};

class retry_budget {
 public:
  retry_budget(const retry_rules& rules, time_point now)
      : rules_(rules), tokens_(rules.per_second_min), filled_(now) {}

  void add_request();
  /// For a retry or hedge that may as well wait. False: not now.
  [[nodiscard]] bool take(time_point now);
  /// For one that must be.
  void owe(time_point now);

  double tokens(time_point now);

 private:
  void fill(time_point now);

  retry_rules rules_;
  double tokens_;
  time_point filled_;
};

}  // namespace us
