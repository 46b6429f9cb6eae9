#include "actors/router/retry_budget.hpp"

#include <algorithm>

namespace us {

void retry_budget::fill(time_point now) {
  if (now <= filled_) return;
  const std::chrono::duration<double> passed = now - filled_;
  filled_ = now;
  tokens_ = std::min(rules_.tokens_max, tokens_ + passed.count() * rules_.per_second_min);
}

void retry_budget::add_request() {
  tokens_ = std::min(rules_.tokens_max, tokens_ + rules_.ratio);
}

bool retry_budget::take(time_point now) {
  fill(now);
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

void retry_budget::owe(time_point now) {
  fill(now);
  tokens_ = std::max(-rules_.tokens_max, tokens_ - 1);
}

double retry_budget::tokens(time_point now) {
  fill(now);
  return tokens_;
}

}  // namespace us
