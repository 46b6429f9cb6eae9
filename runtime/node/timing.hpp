#pragma once
/// Timing defaults by profile; each can be overridden in [timing] of the configuration.

#include <chrono>
#include <optional>
#include <string_view>

namespace us {

struct timing {
  /// Between nodes: one beat per pair in each direction.
  std::chrono::milliseconds heartbeat{20};
  /// Suspected at the latest after this silence, whatever phi says.
  std::chrono::milliseconds heartbeat_silence_max{400};
  /// Phi at which a node is suspected (8: one false suspicion in 10^8 intervals).
  double phi_threshold = 8;
  /// A leader's sign of life to its followers.
  std::chrono::milliseconds leader_beat{20};
  /// A follower that heard no leader for a random time in [min, 2 min] stands for election.
  std::chrono::milliseconds election_timeout_min{150};
  /// How long a client waits for an outcome before it is unknown.
  std::chrono::milliseconds request_timeout{5000};

  /// "fast", "local", "lan" or "wan".
  static std::optional<timing> profile(std::string_view name);
};

}  // namespace us
