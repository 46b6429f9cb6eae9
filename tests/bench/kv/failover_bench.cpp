// Failover of the kv cluster: the longest time without a successful write while the leader is
// killed, stopped (SIGSTOP), ended in order (SIGTERM), or told to hand over to another node, under
// a write every 5 ms (lead: 1 ms).
// usage: kv_failover_bench [ROUNDS=10] [kill|stop|term|lead] [PROFILE=local]
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

/// Writes every `interval` for `length`, going on to the next node after 200 ms; `fault` runs after
/// 500 ms.
double longest_gap_ms(const us::test::process_cluster& cluster, std::chrono::milliseconds length,
                      std::chrono::milliseconds interval, const std::function<void()>& fault) {
  us::test::redis_client client;
  const auto began = clock_type::now();
  auto last = began;
  double longest = 0;
  bool broken = false;
  std::size_t at = 0;
  for (auto next = began; clock_type::now() < began + length;) {
    std::this_thread::sleep_until(next);
    next = std::max(next + interval, clock_type::now() - 50ms);
    if (!broken && clock_type::now() > began + 500ms) {
      broken = true;
      fault();
    }
    if (!client.connected())
      client.connect(cluster.redis_port(cluster.nodes()[at % cluster.nodes().size()]), 200);
    if (client.run({"SET", "key", "value"}).text == "OK") {
      const auto now = clock_type::now();
      longest = std::max(longest, std::chrono::duration<double, std::milli>(now - last).count());
      last = now;
    } else {
      client = {};
      ++at;
    }
  }
  return std::max(longest,
                  std::chrono::duration<double, std::milli>(clock_type::now() - last).count());
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 10;
  const std::string how = argc > 2 ? argv[2] : "kill";
  std::vector<double> gaps;
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
    gaps.push_back(longest_gap_ms(cluster, 3000ms, interval, [&] {
      if (how == "kill") cluster.kill_hard(leader);
      if (how == "stop") cluster.signal(leader, SIGSTOP);
      if (how == "term") cluster.signal(leader, SIGTERM);
      if (how == "lead")
        asked = std::async(std::launch::async, [&] {
          return cluster.http_post(leader, "/api/v1/leaders/kv",
                                   "{\"node\":\"" + std::string{wanted} + "\"}");
        });
    }));
    if (how == "lead" &&
        (asked.get().find("200") == std::string::npos || cluster.wait_for_leader() != wanted)) {
      std::printf("%s did not hand over to %s\n", leader.c_str(), wanted);
      return 1;
    }
    if (how == "stop") cluster.signal(leader, SIGCONT);
    if (how == "term") (void)cluster.wait_for_exit(leader, 20s);
    if (how == "kill" || how == "term") cluster.start(leader);
    std::printf("round %d: %s of %s, gap %.0f ms\n", i + 1, how.c_str(), leader.c_str(),
                gaps.back());
    std::fflush(stdout);
  }
  std::sort(gaps.begin(), gaps.end());
  std::printf("profile %s, %s of the leader: median %.0f ms, worst %.0f ms of %d\n",
              profile.c_str(), how.c_str(), gaps[gaps.size() / 2], gaps.back(), rounds);
  return 0;
}
