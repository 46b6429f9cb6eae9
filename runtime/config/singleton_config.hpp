#pragma once
/// [singleton.NAME]: how an actor of which one lives in the cluster is kept alive. Every key has a
/// default, so the table may be missing.

#include "runtime/config/group_config.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace us {

struct singleton_config : group_config {
  std::string name{};
  std::chrono::milliseconds drain{5000};  ///< what an instance may take to end in order
  std::uint64_t requests_max = 10'000;    ///< that a node keeps without outcome
};

/// See default_group().
singleton_config default_singleton(std::string name, std::size_t nodes, const timing& of);

/// The defaults with what the table says; throws config_error.
singleton_config read_singleton(std::string name, const toml_reader& from, std::size_t nodes,
                                const timing& of);

}  // namespace us
