#pragma once
/// Chance of a simulated run: one tree of streams grown from one seed.
///
/// Each concern (a link, a disk, a node's own chance, the fault plan) draws from a stream of
/// its own, named by a path, so that one more draw in one place shifts no other place.
/// Source: xoshiro256** and splitmix64 (Blackman, Vigna 2018).

#include "runtime/ports/clock.hpp"
#include "runtime/ports/random.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace us::sim {

class random_stream final : public random_source {
 public:
  explicit random_stream(std::uint64_t seed);

  std::uint64_t next() override;
  using random_source::between;
  /// Uniform in [low, high].
  duration between(duration low, duration high);
  /// True with probability p; draws only when 0 < p < 1.
  bool chance(double p);

 private:
  std::array<std::uint64_t, 4> state_;
};

class seed_tree {
 public:
  explicit seed_tree(std::uint64_t seed) : seed_(seed) {}

  std::uint64_t seed() const { return seed_; }
  /// The stream of this name; the same name gives the same draws from the start.
  random_stream stream(std::string_view name) const;
  /// A tree whose streams have nothing in common with this one's.
  seed_tree branch(std::string_view name) const;

 private:
  std::uint64_t derive(std::string_view name) const;

  std::uint64_t seed_;
};

}  // namespace us::sim
