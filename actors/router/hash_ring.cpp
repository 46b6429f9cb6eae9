#include "actors/router/hash_ring.hpp"

#include "messages/ids.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace us {

namespace {

constexpr auto nobody = std::numeric_limits<std::size_t>::max();

/// The most that one may have under way with this request.
double share_of(std::span<const candidate> among, double load_factor) {
  std::size_t total = 1;
  for (const auto& c : among) total += c.in_flight;
  return std::ceil(load_factor * static_cast<double>(total) / static_cast<double>(among.size()));
}

std::size_t position_of(std::span<const candidate> among, std::size_t target) {
  for (std::size_t i = 0; i < among.size(); ++i)
    if (among[i].target == target) return i;
  return nobody;
}

}  // namespace

hash_ring::hash_ring(const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i)
    for (std::size_t point = 0; point < points_per_node; ++point)
      points_.emplace_back(place_of(names[i] + "#" + std::to_string(point)), i);
  std::sort(points_.begin(), points_.end());
}

std::uint64_t hash_ring::place_of(std::string_view key) {
  return node_id_of(key).value;
}

std::size_t hash_ring::choose(std::span<const candidate> among, std::uint64_t key,
                              double load_factor) const {
  const auto share = load_factor > 0 ? share_of(among, load_factor) : 0;
  auto at = std::lower_bound(points_.begin(), points_.end(), std::pair{key, std::size_t{0}});
  std::size_t owner = nobody;
  for (std::size_t walked = 0; walked < points_.size(); ++walked, ++at) {
    if (at == points_.end()) at = points_.begin();
    const auto position = position_of(among, at->second);
    if (position == nobody) continue;
    if (owner == nobody) owner = position;
    if (load_factor <= 0 || static_cast<double>(among[position].in_flight + 1) <= share)
      return position;
  }
  return owner == nobody ? 0 : owner;
}

}  // namespace us
