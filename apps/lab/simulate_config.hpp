#pragma once
/// The file that says what `lab simulate` runs:
///
///   [simulation]
///   nodes = 5
///   partitions = 1
///   clients = 20                  # each does one thing at a time
///   requests_per_second = 200     # of virtual time, all clients together
///   keys = 5
///
///   [generate]                    # and [[fault]], length: a fault plan
///   intensity = "rough"           # calm | rough | brutal
///   length = "10s"
///
/// Errors: one line naming file, line and key.

#include "apps/lab/register_run.hpp"
#include "runtime/error.hpp"

#include <string>

namespace lab {

/// What runs without a file: five nodes, 200 requests a second, ten seconds of rough faults.
run_options default_run();

us::result<run_options> load_run_options(const std::string& file);

}  // namespace lab
