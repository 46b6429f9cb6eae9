#pragma once
/// Runs many seeds of one scenario on several threads, each with clusters of its own.

#include "apps/lab/register_run.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace lab {

struct sweep_result {
  std::uint64_t seeds = 0;  ///< that ran
  load_counts requests;
  us::duration length{0};  ///< of all runs, virtual
  std::uint64_t events = 0;
  std::map<std::uint64_t, std::string> failed;  ///< what was wrong, by seed
};

struct sweep_options {
  std::uint64_t first_seed = 1;
  std::uint64_t seeds = 100;
  unsigned jobs = 1;
};

/// `progress(so far)` is called after every seed, by one thread at a time.
sweep_result sweep_seeds(const run_options& how, const sweep_options& sweep,
                         const std::function<void(const sweep_result&)>& progress);

}  // namespace lab
