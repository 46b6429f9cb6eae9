#include "runtime/simulation/random_stream.hpp"

#include <xxhash.h>

#include <bit>

namespace us::sim {

namespace {

std::uint64_t splitmix(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15u;
  auto z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

}  // namespace

random_stream::random_stream(std::uint64_t seed) {
  for (auto& word : state_) word = splitmix(seed);
}

std::uint64_t random_stream::next() {
  auto& s = state_;
  const auto result = std::rotl(s[1] * 5, 7) * 9;
  const auto shifted = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= shifted;
  s[3] = std::rotl(s[3], 45);
  return result;
}

duration random_stream::between(duration low, duration high) {
  if (high <= low) return low;
  return low + duration{static_cast<std::int64_t>(
                   between(std::uint64_t{0}, static_cast<std::uint64_t>((high - low).count())))};
}

bool random_stream::chance(double p) {
  if (p <= 0) return false;
  if (p >= 1) return true;
  // 53 bits: what a double holds, so the comparison is the same in every build.
  return static_cast<double>(next() >> 11) * 0x1.0p-53 < p;
}

random_stream seed_tree::stream(std::string_view name) const {
  return random_stream{derive(name)};
}

seed_tree seed_tree::branch(std::string_view name) const {
  return seed_tree{derive(name) ^ 0x5bf0363563a6d9e1u};
}

std::uint64_t seed_tree::derive(std::string_view name) const {
  return XXH3_64bits_withSeed(name.data(), name.size(), seed_);
}

}  // namespace us::sim
