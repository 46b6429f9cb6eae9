// Writes through three kv processes on loopback, and reads; median of the runs.
//
// usage: kv_throughput_bench [RUNS=3] [SECONDS=2] [WORD...] [PORT...]
//
// Without words writes wait for the synced disks of a majority; "async", "all": the mode of
// acknowledgement; "interval": disks are synced every 100 ms; "witness": the third node keeps no
// records; "load=64" or, 16 deep, "load=50x16": just these SETs. With ports it measures what
// listens there, e.g. a redis-server ("wait" adds WAIT 1): peers.sh measures kv and its peers in
// turns.
#include "tests/bench/kv/load_series.hpp"
#include "tests/cluster/process_cluster.hpp"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

namespace {

struct what_to_run {
  us::bench::load_options how;
  std::string acknowledge = "quorum";
  std::string durability = "fsync";
  std::string witnesses;
  std::string only;  ///< the one load; empty: all
};

what_to_run read_words(int argc, char** argv) {
  what_to_run what;
  for (int i = 3; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "wait")
      what.how.wait = true;
    else if (word == "async" || word == "all")
      what.acknowledge = word;
    else if (word == "interval")
      what.durability = word;
    else if (word == "witness")
      what.witnesses = "witnesses = [\"c\"]\n";
    else if (word.starts_with("load="))
      what.only = word.substr(5);
    else
      what.how.ports.push_back(static_cast<std::uint16_t>(std::atoi(argv[i])));
  }
  return what;
}

std::unique_ptr<us::test::process_cluster> start_cluster(what_to_run& what) {
  auto cluster = std::make_unique<us::test::process_cluster>(
      std::vector<std::string>{"a", "b", "c"}, "",
      "acknowledge = \"" + what.acknowledge + "\"\ndurability = \"" + what.durability + "\"\n" +
          what.witnesses);
  std::printf("acknowledge %s, durability %s%s\n", what.acknowledge.c_str(),
              what.durability.c_str(), what.witnesses.empty() ? "" : ", one of three a witness");
  cluster->start_all();
  const auto leader = cluster->wait_for_leader();
  what.how.ports = {cluster->redis_port(leader)};
  return cluster;
}

}  // namespace

int main(int argc, char** argv) {
  const int runs = argc > 1 ? std::atoi(argv[1]) : 3;
  auto what = read_words(argc, argv);
  what.how.seconds = argc > 2 ? std::atof(argv[2]) : 2;
  std::unique_ptr<us::test::process_cluster> cluster;
  if (what.how.ports.empty()) cluster = start_cluster(what);
  if (what.only.empty()) {
    us::bench::measure_series(what.how, runs, us::bench::run_load);
  } else {
    const auto name = us::bench::take_shape(what.only, what.how);
    us::bench::measure(name, what.how, runs, us::bench::run_load);
  }
  return 0;
}
