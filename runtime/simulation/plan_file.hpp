#pragma once
/// Fault plans as TOML, so that a schedule of faults is data: written by hand, or by a run that
/// failed, and played again.
///
///   length = "10s"                   # of the plan; else the end of its last fault
///
///   [[fault]]
///   at = "1.25s"                     # from the plan's start: ns, us, ms, s, min, h
///   lasts = "300ms"
///   kind = "partition"               # fault_kinds.hpp
///   nodes = ["a", "b"]
///
///   [[fault]]
///   at = "2s"
///   lasts = "500ms"
///   kind = "loss"
///   amount = 0.3
///
///   [generate]                       # more faults, from the run's seed, for its nodes
///   intensity = "rough"              # calm | rough | brutal
///   length = "10s"
///   gap_max = "500ms"                # also gap_min, lasts_min, lasts_max
///   [generate.weights]               # how often a kind comes, against the others; 0: never
///   crash = 5
///   clock_jump = 0
///
/// Invariant: read_fault_plan(to_toml(plan)) gives the same plan, to the nanosecond and the bit.
/// Errors: invalid_config, one line naming file, line and key.

#include "runtime/error.hpp"
#include "runtime/simulation/fault_plan.hpp"

#include <string>
#include <string_view>

namespace us {

class toml_reader;

/// The plan's keys of a table that may have others; throws config_error.
fault_plan read_plan(const toml_reader& from);
/// `name` is the file's, for errors.
result<fault_plan> read_fault_plan(std::string_view text, const std::string& name);
result<fault_plan> load_fault_plan(const std::string& file);
std::string to_toml(const fault_plan& plan);

}  // namespace us
