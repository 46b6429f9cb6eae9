#pragma once
/// Virtual addresses in a configuration: those of a service that follow its leader, with how the
/// nodes decide who holds them.

#include "runtime/config/group_config.hpp"
#include "runtime/config/ip_prefix.hpp"

#include <array>
#include <chrono>
#include <vector>

namespace us {

struct address_config : group_config {
  std::vector<ip_prefix> addresses;  ///< at least one
  /// The kernel removes them by itself when they are not renewed for so long. 0: never.
  unsigned kernel_lifetime_s = 2;
  std::chrono::seconds announce_every{60};
};

/// The keys of [service.NAME] that belong to them.
constexpr std::array<const char*, 9> address_keys{
    "addresses", "interface", "safety",           "heartbeat_ms",     "missed",
    "lease_ms",  "drift_ppm", "announce_every_s", "kernel_lifetime_s"};

/// The key `addresses`: at least one, none twice; throws config_error.
std::vector<ip_prefix> read_addresses(const toml_reader& from);

/// All of them but `interface`; throws config_error.
address_config read_address_group(const toml_reader& from, std::size_t nodes, const timing& of);

}  // namespace us
