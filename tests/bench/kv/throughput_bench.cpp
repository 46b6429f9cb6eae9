// Writes through three kv processes on loopback, and reads; median of the runs.
// usage: kv_throughput_bench [RUNS=3] [SECONDS=2] [async|all] [interval] [witness] [PORT...]
// Without words writes wait for the synced disks of a majority; "interval": disks are synced every
// 100 ms; "witness": the third node keeps no records. With ports it measures what listens there
// (e.g. a redis-server; `wait` as last word adds WAIT 1): redis.sh measures the two in turns.
#include "tests/bench/kv/closed_loop.hpp"
#include "tests/cluster/process_cluster.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

using us::bench::load_options;
using us::bench::load_result;

void measure(const char* what, load_options how, int runs) {
  std::vector<load_result> results;
  for (int i = 0; i < runs; ++i) results.push_back(run_load(how));
  std::sort(results.begin(), results.end(),
            [](const auto& x, const auto& y) { return x.per_second < y.per_second; });
  const auto& m = results[results.size() / 2];
  std::printf("%-44s %8.0f /s  (min %.0f max %.0f)  p50 %.0f us  p99 %.0f us  errors %llu %s\n",
              what, m.per_second, results.front().per_second, results.back().per_second, m.p50_us,
              m.p99_us, static_cast<unsigned long long>(m.errors), m.first_error.c_str());
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const int runs = argc > 1 ? std::atoi(argv[1]) : 3;
  const double seconds = argc > 2 ? std::atof(argv[2]) : 2;
  load_options how;
  how.seconds = seconds;
  std::string acknowledge = "quorum";
  std::string durability = "fsync";
  std::string witnesses;
  for (int i = 3; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "wait")
      how.wait = true;
    else if (word == "async" || word == "all")
      acknowledge = word;
    else if (word == "interval")
      durability = word;
    else if (word == "witness")
      witnesses = "witnesses = [\"c\"]\n";
    else
      how.ports.push_back(static_cast<std::uint16_t>(std::atoi(argv[i])));
  }
  us::test::process_cluster cluster{
      {"a", "b", "c"},
      "",
      "acknowledge = \"" + acknowledge + "\"\ndurability = \"" + durability + "\"\n" + witnesses};
  if (how.ports.empty()) {
    std::printf("acknowledge %s, durability %s%s\n", acknowledge.c_str(), durability.c_str(),
                witnesses.empty() ? "" : ", one of three a witness");
    cluster.start_all();
    const auto leader = cluster.wait_for_leader();
    how.ports = {cluster.redis_port(leader)};
  }
  for (std::size_t clients : {1u, 16u, 64u, 256u}) {
    how.connections = clients;
    measure(("SET 128 B, " + std::to_string(clients) + " clients").c_str(), how, runs);
  }
  how.connections = 50;
  how.pipeline = 16;
  measure("SET 128 B, 50 clients, 16 deep", how, runs);
  how.wait = false;
  how.read = true;
  how.pipeline = 1;
  measure("GET, 50 clients", how, runs);
  how.pipeline = 16;
  measure("GET, 50 clients, 16 deep", how, runs);
  return 0;
}
