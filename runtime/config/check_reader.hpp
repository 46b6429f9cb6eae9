#pragma once
/// Reads health checks from a configuration:
///   check = { type = "http", path = "/healthz", interval_ms = 100, timeout_ms = 50, rise = 2, fall
///   = 3 }
/// type: "tcp" (default), "http" (path, host, status_min, status_max) or "command" (command =
/// ["/path", "argument"]). What a check does not say is as in `otherwise`.
/// Errors: throws config_error.

#include "runtime/config/toml_reader.hpp"
#include "runtime/health/check.hpp"

namespace us {

/// `where` is what tcp and http ask; it stays as it is in `otherwise` when there is none.
check_config read_check(const toml_reader& from, const check_config& otherwise);

}  // namespace us
