#pragma once
/// The leader's lease: its right to answer reads without asking anybody. Pure.
///
/// A voter that has an append request of its leader promises not to vote for anybody else, and not
/// to stand, for some time by its own clock. So a leader that a majority has promised that cannot
/// have been replaced until the first of those promises may be over; counted from when it sent the
/// request, and made shorter by how far two clocks may run apart. Only the rates of clocks count,
/// not what they show. A leader that asks another to lead has no lease any more: that one's voters
/// are asked to break their promise. Source: Ongaro's thesis 6.4.1.

#include "runtime/ports/clock.hpp"

#include <cstdint>
#include <deque>
#include <optional>

namespace us {

/// How long a promise that was made for `promise` by another node's clock lasts for sure by this
/// one's, if neither runs faster or slower than time by more than `drift_ppm` (below 10^6). Of at
/// most two hours.
constexpr duration lease_of(duration promise, std::uint32_t drift_ppm) {
  constexpr std::int64_t million = 1'000'000;
  return promise * (million - drift_ppm) / (million + drift_ppm);
}

/// When rounds were sent, of the last seconds: to a millisecond, and never later than it was.
class round_times {
 public:
  /// In order.
  void sent(std::uint64_t round, time_point at);
  /// nullopt: too long ago.
  std::optional<time_point> of(std::uint64_t round) const;

 private:
  struct entry {
    std::uint64_t round;
    time_point at;
  };
  static constexpr std::size_t kept_max = 4096;
  std::deque<entry> entries_;  ///< by round
};

}  // namespace us
