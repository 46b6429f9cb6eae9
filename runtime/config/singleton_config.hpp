#pragma once
/// [singleton.NAME]: how an actor of which one lives in the cluster is kept alive. Every key has a
/// default, so the table may be missing.

#include "runtime/node/timing.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace us {

class toml_reader;

struct singleton_config {
  std::string name;
  bool lease = true;  ///< else "heartbeat": two may live on two sides of a partition
  std::chrono::milliseconds heartbeat{100};
  unsigned missed_max = 4;  ///< heartbeats: then the live one's node is taken for gone
  std::chrono::milliseconds lease_length{1000};
  std::int64_t drift_ppm = 10'000;        ///< no clock runs faster or slower than that
  std::chrono::milliseconds drain{5000};  ///< what an instance may take to end in order
  std::uint64_t requests_max = 10'000;    ///< that a node keeps without outcome
};

/// With `nodes` nodes: a lease from three on, heartbeats else. The times follow the profile.
singleton_config default_singleton(std::string name, std::size_t nodes, const timing& of);

/// The defaults with what the table says; throws config_error.
singleton_config read_singleton(std::string name, const toml_reader& from, std::size_t nodes,
                                const timing& of);

}  // namespace us
