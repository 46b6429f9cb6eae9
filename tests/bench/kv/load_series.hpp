#pragma once
/// The loads that kv and its peers are compared under, and how their figures are printed.

#include "tests/bench/kv/closed_loop.hpp"

#include <functional>
#include <string>
#include <vector>

namespace us::bench {

using load_runner = std::function<load_result(const load_options&)>;

/// Runs a load `runs` times and prints one line: the run with the median rate.
void measure(const std::string& what, const load_options& how, int runs, const load_runner& run);

/// SETs of 1, 16, 64 and 256 clients, of 50 clients with 16 under way each, and GETs.
void measure_series(load_options how, int runs, const load_runner& run);

/// "64" or "50x16", clients and how many requests each has under way, into `how`; the load's name.
std::string take_shape(const std::string& text, load_options& how);

}  // namespace us::bench
