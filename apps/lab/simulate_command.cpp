#include "apps/lab/simulate_command.hpp"

#include "actors/simulation/sweep.hpp"
#include "actors/simulation/trace_page.hpp"
#include "apps/lab/seed_sweep.hpp"
#include "apps/lab/simulate_config.hpp"
#include "runtime/checkers/history_file.hpp"
#include "runtime/simulation/plan_file.hpp"

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <thread>
#include <unistd.h>

namespace lab {

namespace {

constexpr int exit_held = 0;
constexpr int exit_broken = 1;
constexpr int exit_usage = 2;

struct simulate_options {
  std::string config;
  std::string plan;
  std::uint64_t first_seed = 1;
  std::uint64_t seeds = 100;
  unsigned jobs = std::max(1u, std::thread::hardware_concurrency());
  std::optional<std::uint64_t> seed;
  std::string trace;
  std::string history;
};

using real_clock = std::chrono::steady_clock;

double seconds(us::duration d) {
  return std::chrono::duration<double>(d).count();
}

void print_totals(const load_counts& requests, us::duration length, std::uint64_t events,
                  real_clock::time_point began) {
  const std::chrono::duration<double> took = real_clock::now() - began;
  const auto all = std::max<std::uint64_t>(requests.ended(), 1);
  std::printf("requests      %llu done, %llu rejected, %llu of unknown outcome: %.3f %% answered\n",
              static_cast<unsigned long long>(requests.done),
              static_cast<unsigned long long>(requests.rejected),
              static_cast<unsigned long long>(requests.unknown),
              100.0 * static_cast<double>(requests.done) / static_cast<double>(all));
  std::printf(
      "virtual time  %.2f hours in %.1f s: %.0f times faster than time; %.1f million events\n",
      seconds(length) / 3600, took.count(), seconds(length) / took.count(),
      static_cast<double>(events) / 1e6);
}

/// On a terminal one line that is written over; else one a tenth of the way.
void print_progress(const sweep_result& sofar, std::uint64_t seeds) {
  const bool terminal = isatty(STDERR_FILENO) == 1;
  const auto step = std::max<std::uint64_t>(seeds / 10, 1);
  if (!terminal && sofar.seeds % step != 0) return;
  std::fprintf(stderr, "%s%llu of %llu seeds, %zu failed%s", terminal ? "\r" : "",
               static_cast<unsigned long long>(sofar.seeds), static_cast<unsigned long long>(seeds),
               sofar.failed.size(), terminal && sofar.seeds < seeds ? "" : "\n");
}

std::string command(const simulate_options& chosen, std::uint64_t seed, const std::string& plan) {
  return "lab simulate" + (chosen.config.empty() ? "" : " --config " + chosen.config) + " --seed " +
         std::to_string(seed) + (plan.empty() ? "" : " --plan " + plan) + " --trace seed-" +
         std::to_string(seed) + ".html";
}

/// The shortest plan with which the seed fails, as a file, and all that is known of it.
void print_failure(const simulate_options& chosen, run_options how, std::uint64_t seed) {
  std::fprintf(stderr, "looking for the shortest fault plan with which seed %llu fails\n",
               static_cast<unsigned long long>(seed));
  how.cluster.seed = seed;
  const auto failed = us::run_seed(how.cluster, [&](const us::cluster_options& with) {
    auto again = how;
    again.cluster = with;
    return us::judge([&](const us::cluster_options&) { (void)run_register(again); }, with);
  });
  if (!failed) throw std::runtime_error{"seed " + std::to_string(seed) + " failed and then held"};
  const auto file = "seed-" + std::to_string(seed) + ".toml";
  const bool saved = static_cast<bool>(std::ofstream{file} << us::to_toml(failed->plan));
  std::cout << failed->report(command(chosen, seed, saved ? file : "")) << std::flush;
}

int sweep(const simulate_options& chosen, const run_options& how) {
  const auto began = real_clock::now();
  const auto swept =
      sweep_seeds(how, {chosen.first_seed, chosen.seeds, chosen.jobs},
                  [&](const sweep_result& sofar) { print_progress(sofar, chosen.seeds); });
  std::printf("seeds         %llu to %llu on %u threads, %zu failed\n",
              static_cast<unsigned long long>(chosen.first_seed),
              static_cast<unsigned long long>(chosen.first_seed + chosen.seeds - 1), chosen.jobs,
              swept.failed.size());
  print_totals(swept.requests, swept.length, swept.events, began);
  std::fflush(stdout);
  for (const auto& [seed, wrong] : swept.failed)
    std::cout << "seed " << seed << ": " << wrong.substr(0, wrong.find('\n')) << std::endl;
  if (swept.failed.empty()) return exit_held;
  print_failure(chosen, how, swept.failed.begin()->first);
  return exit_broken;
}

bool save(const std::string& file, const std::string& content) {
  std::ofstream out{file, std::ios::binary};
  out << content;
  out.close();
  if (!out) std::cerr << file << ": cannot be written" << std::endl;
  return static_cast<bool>(out);
}

int run_one(const simulate_options& chosen, run_options how) {
  const auto began = real_clock::now();
  how.cluster.seed = *chosen.seed;
  std::unique_ptr<us::trace_recorder> recorder;
  std::optional<us::trace_record> drawn;
  std::string wrong;
  bool saved = true;
  run_watcher watcher;
  watcher.begins = [&](us::simulated_cluster& cluster) {
    if (!chosen.trace.empty()) recorder = std::make_unique<us::trace_recorder>(cluster);
  };
  watcher.ends = [&](const us::history& seen) {
    if (recorder) drawn = recorder->record("");
    if (chosen.history.empty()) return;
    std::ofstream out{chosen.history, std::ios::binary};
    const auto written = us::write_history(out, seen);
    if (!written) std::cerr << chosen.history << ": " << written.error().text << std::endl;
    saved = saved && written;
  };
  run_result run;
  try {
    run = run_register(how, watcher);
  } catch (const us::simulation_failure& e) {
    wrong = e.what();
  }
  if (drawn) {
    drawn->failure = wrong;
    saved =
        save(chosen.trace, us::trace_page(*drawn, "seed " + std::to_string(*chosen.seed))) && saved;
  }
  if (!wrong.empty()) {
    std::cout << wrong << std::endl;
    return exit_broken;
  }
  std::printf("seed          %llu held; trace hash %016llx\n",
              static_cast<unsigned long long>(*chosen.seed),
              static_cast<unsigned long long>(run.trace_hash));
  print_totals(run.requests, run.length, run.events, began);
  return saved ? exit_held : exit_usage;
}

int simulate(const simulate_options& chosen) {
  auto how = default_run();
  if (!chosen.config.empty()) {
    auto loaded = load_run_options(chosen.config);
    if (!loaded) {
      std::cerr << loaded.error().text << std::endl;
      return exit_usage;
    }
    how = std::move(*loaded);
  }
  if (!chosen.plan.empty()) {
    auto plan = us::load_fault_plan(chosen.plan);
    if (!plan) {
      std::cerr << plan.error().text << std::endl;
      return exit_usage;
    }
    how.cluster.plan = std::move(*plan);
  }
  return chosen.seed ? run_one(chosen, std::move(how)) : sweep(chosen, how);
}

constexpr const char* simulate_footer =
    R"(Runs a cluster of registers in this process under virtual time, with clients, under the faults of
the file or, without one, five nodes under ten seconds of rough faults. Then everything is healed,
the cluster must live, and what the clients saw must be linearizable.

  lab simulate --seeds 1000                      on all cores
  lab simulate --config FILE --seed 17 --trace out.html --history out.jsonl

The first seed that fails is run again with ever fewer faults, and the shortest plan found is kept
as seed-N.toml. docs/testing.md tells how to write FILE.

Exit: 0 every seed held, 1 one did not, 2 the command line or a file cannot be used.)";

}  // namespace

void add_simulate_command(CLI::App& line, int& exit_code) {
  auto* command =
      line.add_subcommand("simulate", "Does a simulated cluster hold under faults, seed by seed?");
  const auto chosen = std::make_shared<simulate_options>();
  command->add_option("--config", chosen->config, "Nodes, load and faults, as TOML");
  command->add_option("--plan", chosen->plan, "A fault plan to play instead, as TOML");
  command->add_option("--seeds", chosen->seeds, "How many")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40u))
      ->capture_default_str();
  command->add_option("--first-seed", chosen->first_seed, "The first of them")
      ->capture_default_str();
  command->add_option("--jobs", chosen->jobs, "Seeds at a time")
      ->check(CLI::Range(1u, 4096u))
      ->capture_default_str();
  auto* seed = command->add_option("--seed", chosen->seed, "Only this one");
  command->add_option("--trace", chosen->trace, "Draw it as an HTML page")->needs(seed);
  command->add_option("--history", chosen->history, "Write what the clients saw, for lab check")
      ->needs(seed);
  command->footer(simulate_footer);
  command->callback([chosen, &exit_code] { exit_code = simulate(*chosen); });
}

}  // namespace lab
