// Requests that fail when one of three backend processes dies or hangs, as seen through a router,
// and through HAProxy where that is installed: one request every 5 ms for 1.8 s, given up after 500
// ms, the fault after 0.6 s. usage: router_failover_bench [RUNS=5]
#include "tests/bench/router/haproxy_load.hpp"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <signal.h>
#include <unistd.h>
#include <utility>

namespace {

using us::bench::proxying;
using us::bench::run_haproxy;
using us::test::live_backends;
using us::test::load_plan;

using send_load = std::function<us::test::load_result(live_backends&, const load_plan&)>;

void measure(const char* through, const send_load& send, int runs) {
  const std::pair<const char*, int> faults[]{
      {"SIGKILL", SIGKILL}, {"SIGSTOP", SIGSTOP}, {"SIGTERM", SIGTERM}};
  for (const auto& [name, signal] : faults)
    for (int run = 0; run < runs; ++run) {
      live_backends backends{ECHO_PROGRAM};
      auto& faulty = backends.process("a");
      const auto result = send(backends, {.act = [&, what = signal] { faulty.signal(what); }});
      if (signal == SIGSTOP) faulty.signal(SIGCONT);
      std::printf("%-20s %-8s sent %u, failed %u, slowest answer %lld ms\n", through, name,
                  result.sent, result.sent - result.done,
                  static_cast<long long>(result.slowest.count()));
    }
}

}  // namespace

int main(int argc, char** argv) {
  const int runs = argc > 1 ? std::atoi(argv[1]) : 5;
  if (runs < 1) {
    std::fprintf(stderr, "usage: router_failover_bench [RUNS=5]\n");
    return 2;
  }
  measure(
      "router", [](auto& to, const auto& plan) { return to.run(plan); }, runs);
  if (::access(us::bench::haproxy_program, X_OK) != 0) {
    std::printf("HAProxy is not installed: nothing stands beside it\n");
    return 0;
  }
  const auto through = [](proxying how) {
    return [how](auto& to, const auto& plan) { return run_haproxy(to, how, plan); };
  };
  measure("haproxy, connections", through(proxying::connections), runs);
  measure("haproxy, requests", through(proxying::requests), runs);
}
