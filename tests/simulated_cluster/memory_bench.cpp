// How much memory a simulated cluster takes over time: five nodes, 200 requests a second of virtual
// time on a thousand counters, calm faults. usage: simulation_memory_bench [VIRTUAL_MINUTES=60]
#include "actors/simulation/simulated_cluster.hpp"
#include "apps/counter/counter_service.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <unistd.h>

#include "apps/counter/counter.capnp.h"

namespace {

using namespace std::chrono_literals;

double resident_mib() {
  std::size_t all = 0, resident = 0;
  std::ifstream{"/proc/self/statm"} >> all >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

int run(int minutes) {
  us::cluster_options how;
  how.nodes = 5;
  how.faults = us::intensity::calm;
  how.length = std::chrono::minutes{minutes};
  us::simulated_cluster cluster{how, counter_service()};
  std::uint64_t submitted = 0, done = 0;
  cluster.every(5ms, [&] {
    const auto number = submitted++;
    const auto& nodes = cluster.nodes();
    cluster.client_at(nodes[number % nodes.size()])
        .call<counter::Add, counter::Total>([&](counter::Add::Builder add) {
          add.setName("counter " + std::to_string(number % 1000));
          add.setAmount(1);
        })
        .then([&](const auto& call) { done += call.done() ? 1 : 0; });
    return true;
  });
  cluster.world().play(cluster.plan());
  const auto began = std::chrono::steady_clock::now();
  for (int minute = 1; minute <= minutes; ++minute) {
    cluster.advance(1min);
    if (minute % 5 != 0 && minute != minutes) continue;
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::printf("%3d min: %6.1f MiB resident, %llu of %llu requests done, %.0f times faster\n",
                minute, resident_mib(), static_cast<unsigned long long>(done),
                static_cast<unsigned long long>(submitted), minute * 60 / took.count());
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const int minutes = argc > 1 ? std::atoi(argv[1]) : 60;
  if (minutes < 1) {
    std::fprintf(stderr, "usage: simulation_memory_bench [VIRTUAL_MINUTES=60]\n");
    return 2;
  }
  return run(minutes);
}
