// Failover of the kv cluster: the longest time without a successful write while the leader is
// killed, stopped (SIGSTOP), ended in order (SIGTERM), or told to hand over to another node, under
// a write every 5 ms (lead: 1 ms). Beside it the longest such time in the two seconds that are no
// part of that: what the disk and the scheduler do anyway. usage: kv_failover_bench [ROUNDS=10]
// [kill|stop|term|lead] [PROFILE=local]
#include "tests/cluster/process_cluster.hpp"
#include "tests/cluster/redis_client.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <future>
#include <signal.h>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

struct gaps_ms {
  double at_fault = 0;  ///< of those that end within a second of the fault, or last for longer
  double otherwise = 0;
};

/// Writes every `interval` for three seconds, going on to the next node after 200 ms; `fault` runs
/// after one.
gaps_ms longest_gaps(const us::test::process_cluster& cluster, std::chrono::milliseconds interval,
                     const std::function<void()>& fault) {
  us::test::redis_client client;
  const auto began = clock_type::now();
  const auto end = began + 3s;
  auto last = began;
  auto broken = clock_type::time_point::max();
  gaps_ms longest;
  const auto note = [&](clock_type::time_point now) {
    const bool early = now < broken;
    const bool late = !early && last > broken + 1s;
    auto& of = early || late ? longest.otherwise : longest.at_fault;
    of = std::max(of, std::chrono::duration<double, std::milli>(now - last).count());
    last = now;
  };
  std::size_t at = 0;
  for (auto next = began; clock_type::now() < end;) {
    std::this_thread::sleep_until(next);
    next = std::max(next + interval, clock_type::now() - 50ms);
    if (broken > end && clock_type::now() > began + 1s) {
      broken = clock_type::now();
      fault();
    }
    if (!client.connected())
      client.connect(cluster.redis_port(cluster.nodes()[at % cluster.nodes().size()]), 200);
    if (client.run({"SET", "key", "value"}).text == "OK") {
      note(clock_type::now());
    } else {
      client = {};
      ++at;
    }
  }
  note(clock_type::now());
  return longest;
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 10;
  const std::string how = argc > 2 ? argv[2] : "kill";
  std::vector<double> gaps;
  std::vector<double> otherwise;
  const std::string profile = argc > 3 ? argv[3] : "local";
  us::test::process_cluster cluster{{"a", "b", "c"}, "", "acknowledge = \"quorum\"\n", profile};
  cluster.start_all();
  for (int i = 0; i < rounds; ++i) {
    const auto leader = cluster.wait_for_leader();
    if (leader.empty()) {
      std::printf("no leader\n");
      return 1;
    }
    const auto wanted = leader == "a" ? "b" : "a";
    std::future<std::string> asked;
    const auto interval = how == "lead" ? 1ms : 5ms;
    const auto seen = longest_gaps(cluster, interval, [&] {
      if (how == "kill") cluster.kill_hard(leader);
      if (how == "stop") cluster.signal(leader, SIGSTOP);
      if (how == "term") cluster.signal(leader, SIGTERM);
      if (how == "lead")
        asked = std::async(std::launch::async, [&] {
          return cluster.http_post(leader, "/api/v1/leaders/kv",
                                   "{\"node\":\"" + std::string{wanted} + "\"}");
        });
    });
    gaps.push_back(seen.at_fault);
    otherwise.push_back(seen.otherwise);
    if (how == "lead" &&
        (asked.get().find("200") == std::string::npos || cluster.wait_for_leader() != wanted)) {
      std::printf("%s did not hand over to %s\n", leader.c_str(), wanted);
      return 1;
    }
    if (how == "stop") cluster.signal(leader, SIGCONT);
    if (how == "term") (void)cluster.wait_for_exit(leader, 20s);
    if (how == "kill" || how == "term") cluster.start(leader);
    std::printf("round %d: %s of %s, gap %.0f ms (otherwise %.0f)\n", i + 1, how.c_str(),
                leader.c_str(), gaps.back(), otherwise.back());
    std::fflush(stdout);
  }
  std::sort(gaps.begin(), gaps.end());
  std::sort(otherwise.begin(), otherwise.end());
  std::printf(
      "profile %s, %s of the leader: median %.1f ms, worst %.0f ms of %d; otherwise median %.1f "
      "ms, "
      "worst %.0f ms\n",
      profile.c_str(), how.c_str(), gaps[gaps.size() / 2], gaps.back(), rounds,
      otherwise[otherwise.size() / 2], otherwise.back());
  return 0;
}
