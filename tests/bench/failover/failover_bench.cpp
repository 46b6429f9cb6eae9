// Takeover of a virtual address: guard beside keepalived, in the same run, on the same hosts.
//   failover_bench [RUNS=5] [HEARTBEAT_MS=20]
// A client asks the address every 2 ms; printed is the longest time without an answer, in ms,
// around
//   kill:   kill -9 of the active's processes; its address stays on its host
//   link:   the active's cable is cut on the switch's side
//   stop:   SIGTERM, a planned hand-over
// Needs root, and keepalived for its rows. Removes what it makes.
#include "tests/bench/failover/keepalived_hosts.hpp"
#include "tests/vip/guard_hosts.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <unistd.h>
#include <vector>

namespace {

using namespace us::test;

/// How long after the fault is looked at, at least; a takeover that takes longer is waited for.
constexpr std::chrono::milliseconds settle{1500};

struct series {
  std::vector<double> ms;
  void print(const char* who, const char* what) {
    std::sort(ms.begin(), ms.end());
    if (ms.empty()) return;
    std::printf("%-12s %-6s  min %7.1f  median %7.1f  max %7.1f  (%zu runs)\n", who, what,
                ms.front(), ms[ms.size() / 2], ms.back(), ms.size());
    std::fflush(stdout);
  }
};

void wait(std::chrono::milliseconds length) {
  ::usleep(static_cast<useconds_t>(length.count()) * 1000);
}

template <class Hosts>
void clean(Hosts& hosts, const std::string& host) {
  std::string ignored;
  run_command({"ip", "-n", hosts.net().of(host), "addr", "del", "10.77.0.100/24", "dev", "e0"},
              &ignored);
}

/// The fault at the active, then the gap; afterwards the former active is back as passive.
template <class Hosts, class Fault, class Mend>
series measure(Hosts& hosts, int runs, Fault fault, Mend mend) {
  series found;
  for (int i = 0; i < runs; ++i) {
    const bool a_active =
        hosts.net().has_address("a", probed_hosts::address) && hosts.answered_by("a", 3);
    const std::string active = a_active ? "a" : "b";
    const std::string passive = a_active ? "b" : "a";
    if (!hosts.answered_by(active, 100)) std::printf("%s does not answer\n", active.c_str());
    const auto from = test_clock::now();
    fault(active);
    if (!hosts.answered_by(passive, 20)) std::printf("%s did not take over\n", passive.c_str());
    wait(settle);
    const auto to = test_clock::now();
    found.ms.push_back(static_cast<double>(hosts.longest_gap(from, to).count()) / 1000);
    const auto pause = static_cast<double>(hosts.longest_pause(from, to).count()) / 1000;
    if (found.ms.back() > 100 || pause > 20)
      std::printf("%.1f ms without an answer, of which the client itself stood for %.1f ms\n",
                  found.ms.back(), pause);
    mend(active);
    wait(settle);
  }
  return found;
}

template <class Hosts>
void measure_all(const char* who, Hosts& hosts, int runs) {
  hosts.start("a");
  if (!hosts.answered_by("a")) std::printf("%s does not begin\n", who);
  hosts.start("b");
  wait(settle);
  const auto restart = [&](const std::string& host) {
    clean(hosts, host);
    hosts.start(host);
  };
  measure(
      hosts, runs, [&](auto& host) { hosts.kill(host); }, restart)
      .print(who, "kill");
  measure(
      hosts, runs, [&](auto& host) { hosts.net().link(host, false); },
      [&](auto& host) { hosts.net().link(host, true); })
      .print(who, "link");
  measure(
      hosts, runs, [&](auto& host) { hosts.stop(host); }, restart)
      .print(who, "stop");
}

}  // namespace

int main(int argc, char** argv) {
  const int runs = argc > 1 ? std::atoi(argv[1]) : 5;
  const int heartbeat_ms = argc > 2 ? std::atoi(argv[2]) : 20;
  if (auto why = no_namespaces(); !why.empty() || runs < 1 || heartbeat_ms < 5) {
    std::printf("skipped: %s\n", why.empty() ? "runs from 1, heartbeats from 5 ms" : why.c_str());
    return why.empty() ? 2 : 0;
  }
  std::printf("heartbeat %d ms, longest time without an answer, ms\n", heartbeat_ms);
  {
    guard_hosts hosts{{.vip = "heartbeat_ms = " + std::to_string(heartbeat_ms) + "\n"}};
    measure_all("guard", hosts, runs);
  }
  if (!std::filesystem::exists("/usr/sbin/keepalived")) {
    std::printf("keepalived is not installed: apt-get install keepalived\n");
    return 0;
  }
  char advert[16];
  std::snprintf(advert, sizeof advert, "%.2f", heartbeat_ms / 1000.0);
  keepalived_hosts hosts{advert};
  measure_all("keepalived", hosts, runs);
}
