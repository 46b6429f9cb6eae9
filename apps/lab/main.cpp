// The lab: experiments with clusters, and checkers of what clients saw.
#include "apps/lab/check_command.hpp"
#include "apps/lab/simulate_command.hpp"

#include <CLI/CLI.hpp>

#include <exception>
#include <iostream>

namespace {

constexpr int exit_usage = 2;

int run(int argc, char** argv) {
  CLI::App line{"lab: does a cluster keep what it promises?"};
  line.require_subcommand(1);
  line.footer("lab COMMAND --help tells more of a command.");
  int exit_code = 0;
  lab::add_simulate_command(line, exit_code);
  lab::add_check_command(line, exit_code);
  try {
    line.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return line.exit(e) == 0 ? 0 : exit_usage;
  }
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& e) {
    std::cerr << "lab: " << e.what() << std::endl;
    return exit_usage;
  }
}
