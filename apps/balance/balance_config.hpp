#pragma once
/// The tables of balance in its configuration: [zone], [check], [[backend]], [limits].
/// docs/dns.md has an example of everything.

#include "runtime/config/config.hpp"
#include "runtime/dns/zone.hpp"
#include "runtime/health/check.hpp"

#include <string>
#include <vector>

namespace balance {

struct config {
  us::dns::zone zone;
  std::vector<us::check_target> checks;         ///< one per backend, in its order
  std::uint32_t responses_per_second = 10'000;  ///< to one network over UDP; 0: no limit
  std::size_t tcp_connections_max = 256;
};

/// The names of its tables.
std::vector<std::string> table_names();

/// Throws us::config_error.
config read_config(const us::toml_reader& file, const us::cluster_config& cluster);

}  // namespace balance
