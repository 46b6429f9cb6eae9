#pragma once
/// Which of several nodes gets a request: pure choice functions over the nodes that may be chosen.
///
/// Each takes a non-empty list and returns a position in it. Weights are in (0, 1]: a node that
/// slowly starts again has less. in_flight counts requests sent there without an outcome yet.
/// Source: smooth weighted round robin as in nginx; power of two choices: Mitzenmacher 2001;
/// consistent hashing with bounded loads: Mirrokni, Thorup, Zadimoghaddam 2016 (see hash_ring.hpp).

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace us {

enum class balancing : unsigned char {
  round_robin,      ///< one after another, in proportion to their weights
  least_in_flight,  ///< the one with the fewest under way for its weight
  two_choices,      ///< the less loaded of two chosen by chance: no herd, no full scan of loads
  consistent_hash,  ///< the same key goes to the same node while that is there
};
std::string to_string(balancing strategy);

struct candidate {
  std::size_t target = 0;  ///< its number in the router's table
  std::size_t in_flight = 0;
  double weight = 1;
};

/// `credit`: what each target (by its number) has saved up; kept between the calls, grown as
/// needed.
std::size_t choose_in_turn(std::span<const candidate> among, std::vector<double>& credit);

/// Equally loaded ones take turns by `rotation`, which the caller increases.
std::size_t choose_least_in_flight(std::span<const candidate> among, std::size_t rotation);

/// `chance`: 64 bits of it.
std::size_t choose_of_two(std::span<const candidate> among, std::uint64_t chance);

}  // namespace us
