#pragma once
/// How the nodes of an active-passive group decide who is active: the keys that every table of such
/// a group has, and their defaults.

#include "runtime/node/timing.hpp"

#include <chrono>
#include <cstdint>

namespace us {

class toml_reader;

struct group_config {
  bool lease = true;  ///< else "heartbeat": two may be active on two sides of a partition
  std::chrono::milliseconds heartbeat{100};
  unsigned missed_max = 4;         ///< heartbeats: then the active one's node is taken for gone
  unsigned lease_heartbeats = 10;  ///< of the default of lease_length
  std::chrono::milliseconds lease_length{1000};
  std::int64_t drift_ppm = 10'000;  ///< no clock runs faster or slower than that
};

/// With `nodes` nodes: a lease from three on, heartbeats else. The times follow the profile.
group_config default_group(std::size_t nodes, const timing& of, unsigned lease_heartbeats);

/// safety, heartbeat_ms, missed, lease_ms, drift_ppm, over what `into` has; throws config_error.
void read_group(const toml_reader& from, std::size_t nodes, group_config& into);

}  // namespace us
