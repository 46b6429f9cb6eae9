// A replica on an empty disk catches up by snapshot under write load: how long that takes, and what
// writes of others wait meanwhile; then it loses its disk, and catches up once more. usage:
// kv_catch_up_bench [MIB=1024] [CLIENTS=16] [ROUNDS=3]
#include "tests/bench/kv/closed_loop.hpp"
#include "tests/cluster/process_cluster.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using us::bench::load_options;
using us::bench::load_result;
using us::test::process_cluster;

std::uint64_t applied_index(const process_cluster& cluster, const std::string& node) {
  const auto status = cluster.http_get(node, "/api/v1/status");
  constexpr std::string_view key = "\"applied_index\":";
  const auto at = status.find(key);
  return at == std::string::npos ? 0 : std::strtoull(status.c_str() + at + key.size(), nullptr, 10);
}

double print(const char* when, const std::vector<load_result>& parts) {
  std::vector<double> p99;
  std::vector<float> all;
  double per_second = 0;
  std::uint64_t errors = 0;
  for (const auto& part : parts) {
    p99.push_back(part.p99_us / 1000);
    per_second += part.per_second / static_cast<double>(parts.size());
    errors += part.errors;
    all.insert(all.end(), part.latencies_us.begin(), part.latencies_us.end());
  }
  std::printf("p99 ms of each second:");
  for (auto each : p99) std::printf(" %.1f", each);
  std::puts("");
  std::sort(p99.begin(), p99.end());
  std::sort(all.begin(), all.end());
  const auto of_all = all.empty() ? 0.0 : static_cast<double>(all[all.size() * 99 / 100]) / 1000;
  std::printf(
      "%-18s %6.0f writes/s, p99 %.1f ms; p99 of each second: median %.1f ms, "
      "worst %.1f ms; errors %llu\n",
      when, per_second, of_all, p99[p99.size() / 2], p99.back(),
      static_cast<unsigned long long>(errors));
  std::fflush(stdout);
  return of_all;
}

/// The p99 of all writes while `away`, which has nothing, catches up, divided by that before;
/// nullopt: it did not within ten minutes, or nothing was written.
std::optional<double> catch_up(process_cluster& cluster, const std::string& leader,
                               const std::string& away, const load_options& how) {
  std::vector<load_result> before, meanwhile;
  for (int i = 0; i < 10; ++i) before.push_back(run_load(how));
  const auto p99_before = print("before", before);
  const auto began = std::chrono::steady_clock::now();
  cluster.start(away);
  std::uint64_t wanted = 0;  // what the leader had applied a second ago
  do {
    if (std::chrono::steady_clock::now() - began > 600s) return std::nullopt;
    wanted = applied_index(cluster, leader);
    meanwhile.push_back(run_load(how));
  } while (wanted == 0 || applied_index(cluster, away) < wanted);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  const auto p99_meanwhile = print("while it catches up", meanwhile);
  if (p99_before <= 0 || p99_meanwhile <= 0) return std::nullopt;
  std::printf("caught up in %.0f s, p99 %.2f times as long\n", took.count(),
              p99_meanwhile / p99_before);
  return p99_meanwhile / p99_before;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t mib = argc > 1 ? static_cast<std::size_t>(std::atoi(argv[1])) : 1024;
  load_options how;
  how.connections = argc > 2 ? static_cast<std::size_t>(std::atoi(argv[2])) : 16;
  const int rounds = argc > 3 ? std::atoi(argv[3]) : 3;
  if (mib == 0 || how.connections == 0 || rounds < 1) {
    std::fprintf(stderr, "usage: kv_catch_up_bench [MIB=1024] [CLIENTS=16] [ROUNDS=3]\n");
    return 2;
  }
  process_cluster cluster;
  cluster.start_all();
  const auto leader = cluster.wait_for_leader();
  const std::string away = leader == "c" ? "b" : "c";
  cluster.kill_hard(away);
  std::filesystem::remove_all(cluster.directory() + "/" + away);
  how.ports = {cluster.redis_port(leader)};
  how.value_bytes = 4096;
  how.keys = mib * 256;
  auto fill = how;
  fill.connections = 64;
  fill.seconds = 5;
  for (std::uint64_t written = 0; written < how.keys; written += run_load(fill).done)
    fill.first_key = written;
  how.seconds = 1;
  how.value_bytes = 128;
  how.keys = 1000;  // what is filled stays
  std::vector<double> ratios;
  for (int i = 0; i < rounds; ++i) {
    const auto ratio = catch_up(cluster, leader, away, how);
    if (!ratio) {
      std::fprintf(stderr, "%s has not caught up: %s\n", away.c_str(),
                   cluster.output(away).c_str());
      return 1;
    }
    ratios.push_back(*ratio);
    cluster.kill_hard(away);
    std::filesystem::remove_all(cluster.directory() + "/" + away);
  }
  std::sort(ratios.begin(), ratios.end());
  std::printf("p99 in the median of %d: %.2f times as long (%.2f to %.2f)\n", rounds,
              ratios[ratios.size() / 2], ratios.front(), ratios.back());
  std::istringstream log{cluster.output(leader)};
  for (std::string line; std::getline(log, line);)
    if (line.find("is sent a snapshot") != std::string::npos) std::puts(line.c_str());
  return 0;
}
