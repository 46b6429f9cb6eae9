#include "runtime/health/phi_accrual.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace us {

namespace {

double milliseconds_of(duration d) {
  return std::chrono::duration<double, std::milli>(d).count();
}

}  // namespace

void phi_accrual::heard(time_point now) {
  if (last_ && sampling_) {
    auto interval = milliseconds_of(now - *last_);
    intervals_.push_back(interval);
    sum_ += interval;
    sum_of_squares_ += interval * interval;
    if (intervals_.size() > options_.window) {
      auto oldest = intervals_.front();
      intervals_.pop_front();
      sum_ -= oldest;
      sum_of_squares_ -= oldest * oldest;
    }
  }
  last_ = now;
  sampling_ = true;
}

void phi_accrual::listen_from(time_point now) {
  last_ = now;
  sampling_ = false;
}

void phi_accrual::restart(time_point now) {
  intervals_.clear();
  sum_ = 0;
  sum_of_squares_ = 0;
  listen_from(now);
}

duration phi_accrual::silence(time_point now) const {
  return last_ ? now - *last_ : duration::zero();
}

// Never below the expected interval: beats that were held up come in a burst and would make
// the usual rhythm look like silence.
double phi_accrual::mean() const {
  auto expected = milliseconds_of(options_.expected);
  if (intervals_.empty()) return expected;
  return std::max(expected, sum_ / static_cast<double>(intervals_.size()));
}

double phi_accrual::deviation() const {
  auto least = milliseconds_of(options_.deviation_min);
  if (intervals_.empty()) return least;
  auto count = static_cast<double>(intervals_.size());
  auto average = sum_ / count;
  auto variance = std::max(0.0, sum_of_squares_ / count - average * average);
  return std::max(least, std::sqrt(variance));
}

double phi_accrual::phi(time_point now) const {
  if (!last_) return 0;
  auto distance = (milliseconds_of(silence(now)) - mean()) / deviation();
  return -std::log10(std::erfc(distance / std::numbers::sqrt2) / 2);
}

}  // namespace us
