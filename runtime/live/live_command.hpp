#pragma once
/// Runs a program and waits for it: hooks and fences. Blocks, so it is called off the loop.
///
/// The program gets the environment of this process and what is added; nothing on stdin; its output
/// goes to this process's stderr. After its timeout it, and what it started in its process
/// group, is killed.

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace us {

struct command_line {
  std::vector<std::string> words;        ///< the program, looked up in PATH, and its arguments
  std::vector<std::string> environment;  ///< NAME=value
  std::chrono::milliseconds timeout{5000};
};

struct command_result {
  bool well = false;
  std::string why;  ///< "exit code 1", "killed after 5000 ms"
};

/// Returns once it has ended, or was killed.
command_result run_command(const command_line& line);

}  // namespace us
