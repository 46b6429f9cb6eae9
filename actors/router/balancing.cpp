#include "actors/router/balancing.hpp"

namespace us {

namespace {

/// What its load would be with one more.
double load_of(const candidate& c) {
  return static_cast<double>(c.in_flight + 1) / c.weight;
}

}  // namespace

std::string to_string(balancing strategy) {
  switch (strategy) {
    case balancing::round_robin: return "round-robin";
    case balancing::least_in_flight: return "least-in-flight";
    case balancing::two_choices: return "two-choices";
    case balancing::consistent_hash: return "consistent-hash";
  }
  return "unknown";
}

std::size_t choose_in_turn(std::span<const candidate> among, std::vector<double>& credit) {
  double total = 0;
  std::size_t best = 0;
  for (std::size_t i = 0; i < among.size(); ++i) {
    const auto& c = among[i];
    if (c.target >= credit.size()) credit.resize(c.target + 1, 0);
    credit[c.target] += c.weight;
    total += c.weight;
    if (credit[c.target] > credit[among[best].target]) best = i;
  }
  credit[among[best].target] -= total;
  return best;
}

std::size_t choose_least_in_flight(std::span<const candidate> among, std::size_t rotation) {
  std::size_t best = rotation % among.size();
  for (std::size_t i = 1; i < among.size(); ++i) {
    const auto other = (rotation + i) % among.size();
    if (load_of(among[other]) < load_of(among[best])) best = other;
  }
  return best;
}

std::size_t choose_of_two(std::span<const candidate> among, std::uint64_t chance) {
  const auto count = among.size();
  if (count == 1) return 0;
  const auto one = static_cast<std::size_t>((chance & 0xffffffff) % count);
  // Of the others, so that the two differ.
  auto other = static_cast<std::size_t>((chance >> 32) % (count - 1));
  if (other >= one) ++other;
  return load_of(among[other]) < load_of(among[one]) ? other : one;
}

}  // namespace us
