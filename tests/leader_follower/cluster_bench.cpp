// How much faster than time a simulated leader-follower cluster of five nodes with a steady load
// runs. usage: simulated_cluster_bench [VIRTUAL_SECONDS=60] [quiet|calm|rough|brutal]
// [local|lan|wan]
#include "tests/leader_follower/sim_cluster.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

int main(int argc, char** argv) {
  using namespace std::chrono_literals;
  const int seconds = argc > 1 ? std::atoi(argv[1]) : 60;
  const std::string how = argc > 2 ? argv[2] : "quiet";
  const auto timing = us::timing::profile(argc > 3 ? argv[3] : "local");
  if (seconds < 1 || !timing ||
      (how != "quiet" && how != "calm" && how != "rough" && how != "brutal")) {
    std::fprintf(stderr,
                 "usage: simulated_cluster_bench [VIRTUAL_SECONDS=60] [quiet|calm|rough|brutal] "
                 "[local|lan|wan]\n");
    return 2;
  }
  const auto began = std::chrono::steady_clock::now();
  us::test::sim_cluster cluster{{.nodes = 5,
                                 .timing = *timing,
                                 .faults = how == "calm"    ? us::intensity::calm
                                           : how == "rough" ? us::intensity::rough
                                                            : us::intensity::brutal,
                                 .length = std::chrono::seconds{seconds}}};
  // Five clients, one to three requests every 50 ms each: 200 requests a second.
  cluster.work().interval = 50ms;
  cluster.start_clients();
  if (how == "quiet")
    cluster.sim().run_for(std::chrono::seconds{seconds});
  else
    cluster.run();
  cluster.finish();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  const std::chrono::duration<double> simulated = cluster.sim().now();
  std::printf(
      "five nodes, %s: %.0f virtual seconds in %.2f s: %.0f times faster than time; %zu requests, "
      "%.2f million events\n",
      how.c_str(), simulated.count(), took.count(), simulated.count() / took.count(),
      cluster.work().history.operations().size(),
      static_cast<double>(cluster.sim().event_count()) / 1e6);
}
