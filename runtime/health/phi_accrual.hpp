#pragma once
/// How unusual a silence is (phi-accrual failure detector): phi is minus the decimal logarithm
/// of the probability that a heartbeat comes later than now, given the intervals seen. Pure.
///
/// The intervals are taken as normally distributed with at least deviation_min: on a quiet
/// machine they hardly vary, and the first hiccup of its scheduler must not look like a death.
/// Source: Hayashibara, Defago, Yared, Katayama: The phi accrual failure detector (2004).

#include "runtime/ports/clock.hpp"

#include <cstddef>
#include <deque>
#include <optional>

namespace us {

class phi_accrual {
 public:
  struct options {
    duration expected;       ///< the interval, as long as few were seen
    duration deviation_min;
    std::size_t window = 100;  ///< newest intervals that count
  };

  explicit phi_accrual(options how) : options_(how) {}

  void heard(time_point now);
  /// Silence counts from here: this node was not listening before. The interval that is under
  /// way is no sample.
  void listen_from(time_point now);
  /// Forgets the intervals too: whoever is heard next may have another rhythm.
  void restart(time_point now);

  /// Since it was heard last, or since listening began; zero before either.
  duration silence(time_point now) const;
  /// 0: nothing unusual; grows without bound. Infinite beyond what a double tells apart.
  double phi(time_point now) const;

 private:
  double mean() const;
  double deviation() const;

  options options_;
  std::optional<time_point> last_;
  bool sampling_ = false;  ///< the interval under way counts
  std::deque<double> intervals_;
  double sum_ = 0;
  double sum_of_squares_ = 0;
};

}  // namespace us
