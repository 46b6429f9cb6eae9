#include "apps/lab/simulate_config.hpp"

#include "runtime/config/toml_file.hpp"
#include "runtime/simulation/plan_file.hpp"

namespace lab {

namespace {

using namespace std::chrono_literals;

std::uint32_t number(const us::toml_reader& from, const char* key, std::int64_t high,
                     std::uint32_t otherwise) {
  return static_cast<std::uint32_t>(from.integer_or(key, 1, high, otherwise));
}

run_options read(const us::toml_reader& from) {
  from.allow({"simulation", "length", "fault", "generate"});
  auto run = default_run();
  if (const auto table = from.table("simulation")) {
    table->allow({"nodes", "partitions", "clients", "requests_per_second", "keys"});
    run.cluster.nodes = number(*table, "nodes", 26, 5);
    run.cluster.partitions = number(*table, "partitions", 64, run.cluster.partitions);
    run.load.clients = number(*table, "clients", 10'000, run.load.clients);
    run.load.requests_per_second =
        number(*table, "requests_per_second", 1'000'000, run.load.requests_per_second);
    run.load.keys = number(*table, "keys", 1'000'000, run.load.keys);
  }
  if (from.has("length") || from.has("fault") || from.has("generate"))
    run.cluster.plan = us::read_plan(from);
  return run;
}

}  // namespace

run_options default_run() {
  run_options run;
  run.cluster.nodes = 5;
  run.cluster.faults = us::intensity::rough;
  run.cluster.length = 10s;
  return run;
}

us::result<run_options> load_run_options(const std::string& file) {
  return us::load_toml(file, read);
}

}  // namespace lab
