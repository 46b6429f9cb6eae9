// What groups that do nothing cost: the processor time of a node of three, per second, while its
// service has no clients. usage: kv_idle_bench [PARTITIONS=1] [SECONDS=20]
#include "tests/cluster/process_cluster.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <unistd.h>

namespace {

using namespace std::chrono_literals;
using us::test::process_cluster;

/// User and system time of a process so far, in ms.
double processor_ms(pid_t pid) {
  std::ifstream file{"/proc/" + std::to_string(pid) + "/stat"};
  std::string all{std::istreambuf_iterator<char>{file}, {}};
  std::istringstream fields{all.substr(all.rfind(')') + 2)};
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) * 1000 / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace

int main(int argc, char** argv) {
  const int partitions = argc > 1 ? std::atoi(argv[1]) : 1;
  const int seconds = argc > 2 ? std::atoi(argv[2]) : 20;
  if (partitions < 1 || partitions > 4096 || seconds < 1) {
    std::fprintf(stderr, "usage: kv_idle_bench [PARTITIONS=1] [SECONDS=20]\n");
    return 2;
  }
  process_cluster cluster{{"a", "b", "c"}, "", "partitions = " + std::to_string(partitions) + "\n"};
  cluster.start_all();
  const auto began = std::chrono::steady_clock::now();
  const auto waited = [&] { return std::chrono::steady_clock::now() - began; };
  while (cluster.command("a", "status").code != 0) {
    if (waited() > std::chrono::minutes{5}) {
      std::fprintf(stderr, "not every partition has a leader\n");
      return 1;
    }
    std::this_thread::sleep_for(1s);
  }
  std::printf(
      "all partitions led after %lld s\n",
      static_cast<long long>(std::chrono::duration_cast<std::chrono::seconds>(waited()).count()));
  std::this_thread::sleep_for(10s);
  for (const auto& node : cluster.nodes())
    std::printf("%s: %llu MiB\n", node.c_str(),
                static_cast<unsigned long long>(cluster.resident_kib(node) >> 10));
  std::vector<double> before;
  for (const auto& node : cluster.nodes()) before.push_back(processor_ms(cluster.pid(node)));
  std::this_thread::sleep_for(std::chrono::seconds{seconds});
  for (std::size_t i = 0; i < before.size(); ++i)
    std::printf("%s: %.1f ms of processor time a second\n", cluster.nodes()[i].c_str(),
                (processor_ms(cluster.pid(cluster.nodes()[i])) - before[i]) / seconds);
}
