#include "apps/lab/check_command.hpp"

#include "runtime/checkers/history_file.hpp"
#include "runtime/checkers/linearizability.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <new>

namespace lab {

namespace {

constexpr int exit_linearizable = 0;
constexpr int exit_not_linearizable = 1;
constexpr int exit_unreadable = 2;
constexpr int exit_undecided = 3;

struct check_options {
  std::string model;
  std::string format = "json";
  std::string file;
  std::size_t memory_mib = 1536;
  double seconds = 0;
};

us::search_limits limits_of(const check_options& chosen) {
  us::search_limits limits;
  limits.memory_bytes = chosen.memory_mib << 20u;
  if (chosen.seconds > 0) {
    using clock = std::chrono::steady_clock;
    const auto end = clock::now() + std::chrono::duration_cast<clock::duration>(
                                        std::chrono::duration<double>{chosen.seconds});
    limits.stop = [end] { return clock::now() >= end; };
  }
  return limits;
}

us::result<us::history> read(const check_options& chosen, us::object_model model) {
  const auto format =
      chosen.format == "porcupine" ? us::history_format::porcupine : us::history_format::json_lines;
  if (chosen.file == "-") return us::read_history(std::cin, "standard input", model, format);
  std::error_code error;
  if (std::filesystem::is_directory(chosen.file, error))
    return us::failure{us::errc::invalid_input, chosen.file + ": is a directory, not a history"};
  std::ifstream in{chosen.file, std::ios::binary};
  if (!in)
    return us::failure{us::errc::invalid_input, chosen.file + ": cannot be opened for reading"};
  return us::read_history(in, chosen.file, model, format);
}

int print(const us::linearizability& checked) {
  switch (checked.verdict) {
    case us::verdict::linearizable:
      std::cout << "linearizable: true" << std::endl;
      return exit_linearizable;
    case us::verdict::not_linearizable:
      std::cout << "linearizable: false" << std::endl;
      std::cerr << checked.explanation;
      return exit_not_linearizable;
    case us::verdict::undecided: break;
  }
  std::cout << "linearizable: undecided" << std::endl;
  std::cerr << checked.explanation << "give it more with --memory or --seconds\n";
  return exit_undecided;
}

int check(const check_options& chosen) {
  const auto model = *us::parse_object_model(chosen.model);
  const auto read_in = read(chosen, model);
  if (!read_in) {
    std::cerr << read_in.error().text << std::endl;
    return exit_unreadable;
  }
  return print(us::check_linearizable(*read_in, model, limits_of(chosen)));
}

int check_within_memory(const check_options& chosen) {
  try {
    return check(chosen);
  } catch (const std::bad_alloc&) {
    std::cout << "linearizable: undecided" << std::endl;
    std::cerr << "this machine's memory is used up\n";
    return exit_undecided;
  }
}

constexpr const char* check_footer =
    R"(The history is one JSON object a line, in the order in which things happened:
  {"process":0,"type":"invoke","f":"write","key":"x","value":3,"time_ns":17}
  {"process":0,"type":"ok","f":"write","key":"x","value":3,"time_ns":25}
type: invoke; ok; fail (certainly did not happen; of a cas: did not match); info (not known).
f: read, write, cas (value [old,new]) with --model register; get, put, append with --model kv.
docs/testing.md has the whole of it.

Exit: 0 linearizable, 1 not, 2 the input or the command line cannot be read, 3 undecided.)";

}  // namespace

void add_check_command(CLI::App& line, int& exit_code) {
  auto* command = line.add_subcommand("check", "Is a recorded history linearizable?");
  const auto chosen = std::make_shared<check_options>();
  command->add_option("--model", chosen->model, "What the keys are: register or kv")
      ->required()
      ->check(CLI::IsMember({"register", "kv"}));
  command->add_option("--format", chosen->format, "How the file is written: json or porcupine")
      ->check(CLI::IsMember({"json", "porcupine"}))
      ->capture_default_str();
  command->add_option("--memory", chosen->memory_mib, "MiB that the search may remember")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 24u))
      ->capture_default_str();
  command->add_option("--seconds", chosen->seconds, "How long to search; 0: to the end")
      ->check(CLI::Range(0.0, 1e9))
      ->capture_default_str();
  command->add_option("FILE", chosen->file, "The history; - reads standard input")->required();
  command->footer(check_footer);
  command->callback([chosen, &exit_code] { exit_code = check_within_memory(*chosen); });
}

}  // namespace lab
