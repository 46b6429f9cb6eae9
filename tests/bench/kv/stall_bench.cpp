// A follower that is stopped (SIGSTOP) under full write load: how much the other processes grow
// meanwhile, and how long it takes to catch up once it goes on. usage: kv_stall_bench [SECONDS=60]
// [CLIENTS=64]
#include "tests/bench/kv/closed_loop.hpp"
#include "tests/cluster/process_cluster.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <signal.h>
#include <thread>

namespace {

using namespace std::chrono_literals;
using us::test::process_cluster;

std::uint64_t number_after(const std::string& text, std::string_view key) {
  const auto at = text.find(key);
  return at == std::string::npos ? 0 : std::strtoull(text.c_str() + at + key.size(), nullptr, 10);
}

std::uint64_t applied_index(const process_cluster& cluster, const std::string& node) {
  return number_after(cluster.http_get(node, "/api/v1/status"), "\"applied_index\":");
}

struct growth {
  std::string node;
  std::uint64_t before_kib;
  std::uint64_t most_kib;
};

// Loads the leader for `seconds` and watches the memory of the nodes that run.
us::bench::load_result load(const process_cluster& cluster, us::bench::load_options how,
                            std::vector<growth>& watched) {
  std::atomic<bool> done{false};
  us::bench::load_result result;
  std::thread worker{[&] {
    result = run_load(how);
    done = true;
  }};
  while (!done) {
    for (auto& w : watched) w.most_kib = std::max(w.most_kib, cluster.resident_kib(w.node));
    std::this_thread::sleep_for(50ms);
  }
  worker.join();
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  us::bench::load_options how;
  how.seconds = argc > 1 ? std::atof(argv[1]) : 60;
  how.connections = argc > 2 ? static_cast<std::size_t>(std::atoi(argv[2])) : 64;
  if (how.seconds <= 0 || how.connections == 0) {
    std::fprintf(stderr, "usage: kv_stall_bench [SECONDS=60] [CLIENTS=64]\n");
    return 2;
  }
  process_cluster cluster;
  cluster.start_all();
  const auto leader = cluster.wait_for_leader();
  std::string stalled;
  std::vector<growth> others;
  for (const auto& node : cluster.nodes()) {
    if (node != leader && stalled.empty())
      stalled = node;
    else
      others.push_back({node, 0, 0});
  }
  how.ports = {cluster.redis_port(leader)};
  // Every key once, so that what grows afterwards is not the state.
  auto warm = how;
  warm.seconds = 8;
  std::vector<growth> nobody;
  (void)load(cluster, warm, nobody);
  for (auto& w : others) w.before_kib = w.most_kib = cluster.resident_kib(w.node);
  cluster.signal(stalled, SIGSTOP);
  const auto written = load(cluster, how, others);
  const auto target = applied_index(cluster, leader);
  cluster.signal(stalled, SIGCONT);
  const auto resumed = std::chrono::steady_clock::now();
  const bool caught_up =
      us::test::eventually([&] { return applied_index(cluster, stalled) >= target; }, 300s);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - resumed;
  std::printf("%s stopped for %.0f s under %.0f writes/s at %zu clients (errors %llu)\n",
              stalled.c_str(), how.seconds, written.per_second, how.connections,
              static_cast<unsigned long long>(written.errors));
  for (const auto& w : others)
    std::printf("%s (%s): %.1f MiB before, %.1f MiB at most, grew by %.1f MiB\n", w.node.c_str(),
                w.node == leader ? "leader" : "follower", static_cast<double>(w.before_kib) / 1024,
                static_cast<double>(w.most_kib) / 1024,
                static_cast<double>(w.most_kib - w.before_kib) / 1024);
  std::printf("%s after %.1f s\n", caught_up ? "caught up" : "did not catch up", took.count());
  return caught_up ? 0 : 1;
}
