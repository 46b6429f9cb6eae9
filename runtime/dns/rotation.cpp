#include "runtime/dns/rotation.hpp"

#include <algorithm>
#include <numeric>

namespace us::dns {

namespace {

constexpr std::size_t records_max = 4096;
constexpr std::size_t orders_max = 256;

/// Each member's claim grows by its weight; who has the largest is next and pays for it.
class claims {
 public:
  explicit claims(const std::vector<std::uint16_t>& weights)
      : weights_(&weights), claim_(weights.size()), taken_(weights.size()) {}

  std::size_t next() {
    std::size_t best = weights_->size();
    std::int64_t paid = 0;
    for (std::size_t i = 0; i < weights_->size(); ++i) {
      if (taken_[i]) continue;
      claim_[i] += (*weights_)[i];
      paid += (*weights_)[i];
      if (best == weights_->size() || claim_[i] > claim_[best]) best = i;
    }
    claim_[best] -= paid;
    return best;
  }
  void take(std::size_t i) { taken_[i] = true; }

 private:
  const std::vector<std::uint16_t>* weights_;
  std::vector<std::int64_t> claim_;
  std::vector<bool> taken_;
};

std::size_t orders_of(const std::vector<std::uint16_t>& weights, std::size_t answers) {
  std::uint64_t sum = 0;
  std::uint64_t divisor = 0;
  for (auto weight : weights) {
    sum += weight;
    divisor = std::gcd(divisor, std::uint64_t{weight});
  }
  const auto fit = std::clamp<std::size_t>(records_max / answers, 1, orders_max);
  return std::min<std::size_t>(sum / divisor, fit);
}

}  // namespace

std::vector<std::vector<std::size_t>> rotations(const std::vector<std::uint16_t>& weights,
                                                std::size_t answers_max) {
  if (weights.empty() || answers_max == 0) return {};
  const auto answers = std::min(weights.size(), answers_max);
  std::vector<std::vector<std::size_t>> orders(orders_of(weights, answers));
  claims turn{weights};
  for (auto& order : orders) {
    order.push_back(turn.next());
    auto rest = turn;
    rest.take(order.front());
    while (order.size() < answers) {
      order.push_back(rest.next());
      rest.take(order.back());
    }
  }
  return orders;
}

}  // namespace us::dns
