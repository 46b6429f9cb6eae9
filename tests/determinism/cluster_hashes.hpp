#pragma once
/// Runs of a whole leader-follower cluster with clients under brutal faults, as one number each:
/// the hash of every event, frame, log line and fault. Equal numbers are equal runs, byte for byte.

#include <cstdint>

namespace us::test {

constexpr std::uint64_t hashed_seeds = 50;

/// Five nodes, three virtual seconds of faults, then healed, expected to live, and checked.
std::uint64_t cluster_hash(std::uint64_t seed);

}  // namespace us::test
