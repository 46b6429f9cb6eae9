#include "actors/router/hedging.hpp"

#include <algorithm>

namespace us {

void latency_window::add(duration latency) {
  last_[count_ % size] = latency.count();
  if (++count_ % refresh_every == 0) refresh();
}

void latency_window::refresh() {
  auto sorted = last_;
  const auto filled = std::min<std::size_t>(count_, size);
  const auto rank =
      std::min(filled - 1, static_cast<std::size_t>(static_cast<double>(filled) * share_));
  const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(rank);
  std::nth_element(sorted.begin(), at, sorted.begin() + static_cast<std::ptrdiff_t>(filled));
  usual_ = duration{*at};
}

duration hedge_delay(const latency_window& seen, const hedge_rules& rules,
                     duration attempt_timeout) {
  const auto latest = attempt_timeout / 2;
  if (seen.usual() == duration{0}) return latest;
  return std::clamp(seen.usual(), std::min(rules.least, latest), latest);
}

}  // namespace us
