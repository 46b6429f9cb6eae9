#include "actors/router/health.hpp"

#include <algorithm>
#include <cmath>

namespace us {

bool may_eject(std::size_t ejected, std::size_t known, double share_max) {
  if (known < 2 || ejected + 1 >= known) return false;
  const auto most = std::max(1.0, std::floor(share_max * static_cast<double>(known)));
  return static_cast<double>(ejected + 1) <= most;
}

bool panics(std::size_t usable, std::size_t known, double panic_share) {
  return usable == 0 || static_cast<double>(usable) < panic_share * static_cast<double>(known);
}

double slow_start_weight(duration since_back, duration window) {
  constexpr double least = 0.1;
  if (since_back >= window) return 1;
  return std::max(least,
                  static_cast<double>(since_back.count()) / static_cast<double>(window.count()));
}

bool target_health::check_sent() {
  ++missed_;
  return missed_ == rules_->misses_max + 1 && !suspected_;
}

void target_health::check_answered(time_point now) {
  if (down()) back_since_ = now;
  missed_ = 0;
  suspected_ = false;
}

bool target_health::suspect() {
  const bool was = down();
  suspected_ = true;
  return !was;
}

void target_health::eject(time_point now) {
  // Each time in service as long as the longest ejection makes up for one ejection.
  if (ejections_ > 0 && now - ejected_until_ > rules_->eject_max) {
    const auto forgiven = (now - ejected_until_) / rules_->eject_max;
    ejections_ -= static_cast<unsigned>(std::min<std::int64_t>(ejections_, forgiven));
  }
  ++ejections_;
  failures_ = 0;
  ejected_until_ = now + std::min<duration>(rules_->eject_base * ejections_, rules_->eject_max);
  back_since_ = ejected_until_;
}

double target_health::weight(time_point now) const {
  if (back_since_ == time_point{}) return 1;
  return slow_start_weight(now - back_since_, rules_->slow_start);
}

}  // namespace us
