#pragma once
/// What guard's command line can be told to do. Each returns the process's exit code: 0 it went
/// well; 1 it failed at run time; 2 the command or the configuration is wrong.

#include "apps/guard/guard_config.hpp"
#include "runtime/live/live_log_sink.hpp"

#include <string>

namespace guard {

constexpr int exit_ok = 0;
constexpr int exit_failed = 1;
constexpr int exit_usage = 2;

/// Runs a node until a signal, or until it gives up.
int run(const config& settings, const std::string& node, us::log_style style);
/// Prints what each node says of itself; exit_failed when nobody is active.
int show_status(const config& settings, bool json);
/// Has the active hand over to the best passive.
int hand_over(const config& settings);
/// Asks nodes: all, or the one that is named. `path`: of the HTTP interface.
int ask(const config& settings, const std::string& node, const std::string& path);

}  // namespace guard
