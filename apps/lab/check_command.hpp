#pragma once
/// `lab check`: is a recorded history linearizable?
///
/// Prints `linearizable: true` (exit 0), `linearizable: false` (exit 1) or `linearizable:
/// undecided` (exit 3: a limit was reached). Input that cannot be read is one line on the error
/// stream that names file, line and what is wrong, exit 2. Why a history is not linearizable is
/// told on the error stream, too.

namespace CLI {
class App;
}

namespace lab {

/// Adds the command; when it was chosen, `exit_code` has its outcome after parsing.
void add_check_command(CLI::App& line, int& exit_code);

}  // namespace lab
