#pragma once
/// `lab simulate`: many seeds on all cores, or one seed to look at.

#include <CLI/CLI.hpp>

namespace lab {

/// Adds the subcommand; when it is chosen it sets the exit code: 0 every seed held, 1 one did not,
/// 2 the command line or a file cannot be used.
void add_simulate_command(CLI::App& line, int& exit_code);

}  // namespace lab
