// Requests that fail when one of three backend processes dies or hangs, as seen through a router:
// one request every 5 ms for 1.8 s, given up after 500 ms, the fault after 0.6 s. usage:
// router_failover_bench [RUNS=5]
#include "tests/router/live_load.hpp"

#include <cstdio>
#include <cstdlib>
#include <signal.h>

namespace {

void measure(const char* name, int signal, int runs) {
  for (int run = 0; run < runs; ++run) {
    us::test::live_backends backends{ECHO_PROGRAM};
    auto& faulty = backends.process("a");
    const auto result = backends.run({.act = [&] { faulty.signal(signal); }});
    if (signal == SIGSTOP) faulty.signal(SIGCONT);
    std::printf("%-8s sent %u, failed %u, slowest answer %lld ms\n", name, result.sent,
                result.sent - result.done, static_cast<long long>(result.slowest.count()));
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int runs = argc > 1 ? std::atoi(argv[1]) : 5;
  if (runs < 1) {
    std::fprintf(stderr, "usage: router_failover_bench [RUNS=5]\n");
    return 2;
  }
  measure("SIGKILL", SIGKILL, runs);
  measure("SIGSTOP", SIGSTOP, runs);
  measure("SIGTERM", SIGTERM, runs);
}
