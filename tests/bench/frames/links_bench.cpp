// Frames of 128 bytes between two processes over a link on loopback, each answered with a new
// frame. Prints round trips per second by window.
//
// Usage: frames_links_bench [round trips per run, default 500000]
// The process forks: the child is the echoing node b, the parent the driving node a.
#include "runtime/live/live_node.hpp"
#include "runtime/live/socket.hpp"
#include "tests/bench/frames/frame_actors.hpp"

#include <caf/send.hpp>
#include <stdlib.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace us::bench {
namespace {

struct quiet_log final : log_sink {
  void write(severity, std::string_view, std::initializer_list<log_field>) override {}
};

std::unique_ptr<live_node> start(live_system& system, const cluster_config& cluster,
                                 const char* name) {
  live_node_options options;
  options.log = std::make_shared<quiet_log>();
  const auto& own = cluster.nodes[name[0] == 'a' ? 0 : 1];
  auto made = make_live_node(system, cluster, own, options);
  if (!made) {
    std::fprintf(stderr, "%s\n", made.error().text.c_str());
    std::exit(1);
  }
  return std::move(*made);
}

[[noreturn]] void be_the_echo(const cluster_config& cluster) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  live_system system;
  auto b = start(system, cluster, "b");
  auto echo = spawn_echo(system.actors(), b->node());
  for (;;) ::pause();
}

void drive(live_system& system, const node_ptr& node, run what) {
  std::promise<void> done;
  auto begun = node->ports.clock->now();
  spawn_driver(system.actors(), node, what, [&done] { done.set_value(); });
  done.get_future().wait();
  auto seconds = std::chrono::duration<double>(node->ports.clock->now() - begun).count();
  auto trips = static_cast<double>(what.round_trips);
  std::printf("links window %4zu: %8.0f frames/s, %6.1f us per round trip\n", what.window,
              trips / seconds, seconds / trips * 1e6 * static_cast<double>(what.window));
  std::fflush(stdout);
}

void be_the_driver(const cluster_config& cluster, std::uint64_t round_trips) {
  live_system system;
  auto a = start(system, cluster, "a");
  run what{1, 1, {node_id_of("b"), echo_key()}};
  // Until the link stands, frames are refused.
  frame probe = make_frame<message::Envelope>({0, {a->node()->id, {}}, {}, {}}, [](auto) {});
  while (a->node()->send(node_id_of("b"), probe) != errc::none) ::usleep(1000);
  what.round_trips = round_trips / 10;
  drive(system, a->node(), what);
  what.round_trips = round_trips;
  for (std::size_t window : {100u, 1000u}) {
    what.window = window;
    drive(system, a->node(), what);
  }
}

std::uint16_t free_port() {
  return bound_port(*listen_on({"127.0.0.1", 0}, "bench"));
}

}  // namespace
}  // namespace us::bench

int main(int argc, char** argv) {
  const std::uint64_t round_trips = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 500'000;
  if (round_trips < 10) {
    std::fprintf(stderr, "usage: frames_links_bench [ROUND_TRIPS=500000]\n");
    return 2;
  }
  char home[] = "/tmp/understudy-bench-XXXXXX";
  if (::mkdtemp(home) == nullptr) return 1;
  us::cluster_config cluster;
  cluster.name = "bench";
  for (const char* name : {"a", "b"}) {
    us::node_config node;
    node.name = name;
    node.address = {"127.0.0.1", us::bench::free_port()};
    node.data = std::string{home} + "/" + name;
    cluster.nodes.push_back(node);
  }
  auto child = ::fork();
  if (child == 0) us::bench::be_the_echo(cluster);
  us::bench::be_the_driver(cluster, round_trips);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  std::filesystem::remove_all(home);
}
