// How long it takes to decide histories of many clients: checkers_bench [OPERATIONS [CLIENTS
// [SECONDS]]]. Each line: a shape, as it was made and with one read changed, and what became of it
// within SECONDS each.
#include "runtime/checkers/linearizability.hpp"
#include "tests/checkers/random_history.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <sys/resource.h>

namespace {

using clock_type = std::chrono::steady_clock;

double seconds_since(clock_type::time_point start) {
  return std::chrono::duration<double>(clock_type::now() - start).count();
}

const char* name_of(us::verdict v) {
  switch (v) {
    case us::verdict::linearizable: return "true";
    case us::verdict::not_linearizable: return "false";
    case us::verdict::undecided: break;
  }
  return "undecided";
}

void decide(const us::history& h, us::object_model model, double seconds_max) {
  const auto start = clock_type::now();
  us::search_limits limits;
  limits.stop = [&] { return seconds_since(start) > seconds_max; };
  const auto checked = us::check_linearizable(h, model, limits);
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  std::printf("  %-9s %7.3f s  %5ld MiB", name_of(checked.verdict), seconds_since(start),
              used.ru_maxrss / 1024);
  std::fflush(stdout);
}

void measure(const us::test::history_shape& shape, double seconds_max) {
  std::printf("%-8s keys %2zu values %-6s open %2d%% cas %2d%%",
              shape.model == us::object_model::key_value ? "kv" : "register", shape.keys,
              shape.values == 0 ? "unique" : std::to_string(shape.values).c_str(),
              static_cast<int>(shape.open_percent), static_cast<int>(shape.cas_percent));
  const auto good = us::test::random_history(shape, 1);
  decide(good, shape.model, seconds_max);
  decide(us::test::with_one_wrong_read(good, 2), shape.model, seconds_max);
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  us::test::history_shape shape;
  shape.operations = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 4000;
  shape.clients = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 50;
  const double seconds_max = argc > 3 ? std::strtod(argv[3], nullptr) : 10;
  std::printf("%zu operations of %zu clients, as made and with one read changed\n",
              shape.operations, shape.clients);
  for (const std::size_t keys : {1, 10})
    for (const std::uint64_t values : {5, 0})
      for (const std::uint64_t open : {0, 5})
        for (const std::uint64_t cas : {0, 30}) {
          shape.keys = keys;
          shape.values = values;
          shape.open_percent = open;
          shape.cas_percent = cas;
          shape.model = us::object_model::cas_register;
          measure(shape, seconds_max);
          shape.model = us::object_model::key_value;
          if (cas == 0) measure(shape, seconds_max);
        }
  return 0;
}
