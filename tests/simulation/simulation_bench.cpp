/// How much faster than time the simulation runs: five nodes beating every 20 ms, each storing what
/// it hears, and a client of 200 requests a second.

#include "tests/simulation/toy.hpp"

#include <benchmark/benchmark.h>

namespace us {
namespace {

using namespace std::chrono_literals;

void run_toys(benchmark::State& state, bool stores, std::uint64_t clients) {
  const std::vector<std::string> names{"a", "b", "c", "d", "e"};
  auto seen = std::make_shared<toy::record>();
  simulation sim{{.nodes = names}, toy::beating(seen, 20ms, stores)};
  if (clients > 0)
    sim.add_node("client", toy::beating(seen, duration{1s} / static_cast<int>(clients)), false)
        .start();
  std::uint64_t events = 0;
  for (auto _ : state) {
    const auto before = sim.event_count();
    sim.run_for(1s);
    events += sim.event_count() - before;
  }
  const auto seconds = static_cast<double>(state.iterations());
  state.counters["times_faster"] = benchmark::Counter(seconds, benchmark::Counter::kIsRate);
  state.counters["events"] =
      benchmark::Counter(static_cast<double>(events), benchmark::Counter::kIsRate);
}

void heartbeats_only(benchmark::State& state) {
  run_toys(state, false, 0);
}
BENCHMARK(heartbeats_only)->Unit(benchmark::kMillisecond);

void heartbeats_and_disk(benchmark::State& state) {
  run_toys(state, true, 0);
}
BENCHMARK(heartbeats_and_disk)->Unit(benchmark::kMillisecond);

void heartbeats_disk_and_client(benchmark::State& state) {
  run_toys(state, true, 200);
}
BENCHMARK(heartbeats_disk_and_client)->Unit(benchmark::kMillisecond);

void a_new_simulation(benchmark::State& state) {
  for (auto _ : state) {
    simulation sim{{.nodes = {"a", "b", "c", "d", "e"}},
                   toy::beating(std::make_shared<toy::record>())};
    benchmark::DoNotOptimize(sim.trace_hash());
  }
}
BENCHMARK(a_new_simulation)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace us

BENCHMARK_MAIN();
