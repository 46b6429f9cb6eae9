// Whether a leader stays under full load: writes as fast as the clients can, and how often the
// epoch changed meanwhile. usage: kv_steady_bench [SECONDS=600] [CLIENTS=64] [PROFILE=local] Exit
// code 1: another leader was elected.
#include "tests/bench/kv/closed_loop.hpp"
#include "tests/cluster/process_cluster.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

std::uint64_t epoch_at(const us::test::process_cluster& cluster, const std::string& node) {
  const auto status = cluster.http_get(node, "/api/v1/status");
  constexpr std::string_view key = "\"epoch\":";
  const auto at = status.find(key);
  return at == std::string::npos ? 0 : std::strtoull(status.c_str() + at + key.size(), nullptr, 10);
}

}  // namespace

int main(int argc, char** argv) {
  us::bench::load_options how;
  how.seconds = argc > 1 ? std::atof(argv[1]) : 600;
  how.connections = argc > 2 ? static_cast<std::size_t>(std::atoi(argv[2])) : 64;
  const std::string profile = argc > 3 ? argv[3] : "local";
  if (how.seconds <= 0 || how.connections == 0) {
    std::fprintf(stderr, "usage: kv_steady_bench [SECONDS=600] [CLIENTS=64] [PROFILE=local]\n");
    return 2;
  }
  us::test::process_cluster cluster{{"a", "b", "c"}, "", "acknowledge = \"quorum\"\n", profile};
  cluster.start_all();
  const auto leader = cluster.wait_for_leader();
  const auto before = epoch_at(cluster, leader);
  how.ports = {cluster.redis_port(leader)};
  const auto done = run_load(how);
  const auto after = epoch_at(cluster, leader);
  std::printf(
      "profile %s, %.0f s under %.0f writes/s at %zu clients (p99 %.1f ms, errors %llu): %llu "
      "elections\n",
      profile.c_str(), how.seconds, done.per_second, how.connections, done.p99_us / 1000,
      static_cast<unsigned long long>(done.errors),
      static_cast<unsigned long long>(after - before));
  return after == before && before > 0 ? 0 : 1;
}
