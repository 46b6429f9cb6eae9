// A frame to a local actor and back, against the same round trip with a plain CAF message
// (std::vector<char> of 128 bytes). Same process, same run, both kinds on the node's loop and
// on CAF's scheduler; rounds alternate, the best of each kind counts.
//
// Usage: frames_local_bench [round trips per round, default 300000]
#include "runtime/live/live_clock.hpp"
#include "runtime/live/live_log_sink.hpp"
#include "runtime/live/live_system.hpp"
#include "tests/bench/frames/frame_actors.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <cstdio>
#include <cstdlib>
#include <future>

namespace us::bench {
namespace {

using bytes = std::vector<char>;

// As node_actor does it, for a plain CAF actor: on the loop when there is one.
class placed_actor : public caf::event_based_actor {
 public:
  placed_actor(caf::actor_config& config, caf::execution_unit* loop)
      : event_based_actor(config), loop_(loop) {}
  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit* unit) override {
    event_based_actor::enqueue(std::move(element), loop_ != nullptr ? loop_ : unit);
  }
  void enqueue(caf::strong_actor_ptr from, caf::message_id id, caf::message content,
               caf::execution_unit* unit) override {
    enqueue(caf::make_mailbox_element(std::move(from), id, {}, std::move(content)), unit);
  }
  void launch(caf::execution_unit* unit, bool lazy, bool hide) override {
    event_based_actor::launch(loop_ != nullptr ? loop_ : unit, lazy, hide);
  }
  subtype_t subtype() const override {
    return loop_ != nullptr ? resumable::io_actor : resumable::scheduled_actor;
  }

 private:
  caf::execution_unit* loop_;
};

class plain_echo final : public placed_actor {
 public:
  using placed_actor::placed_actor;
  caf::behavior make_behavior() override {
    return {[](bytes& b) { return std::move(b); }};
  }
};

class plain_driver final : public placed_actor {
 public:
  plain_driver(caf::actor_config& config, caf::execution_unit* loop, caf::actor echo, run what,
               std::function<void()> done)
      : placed_actor(config, loop),
        echo_(std::move(echo)),
        run_(what),
        done_(std::move(done)),
        payload_(payload_bytes, 'x') {}
  caf::behavior make_behavior() override {
    for (std::size_t i = 0; i < run_.window; ++i) send_one();
    return {[this](const bytes&) {
      if (++back_ == run_.round_trips) {
        quit();
        done_();
      } else if (sent_ < run_.round_trips) {
        send_one();
      }
    }};
  }

 private:
  void send_one() {
    ++sent_;
    send(echo_, payload_);
  }
  caf::actor echo_;
  run run_;
  std::function<void()> done_;
  bytes payload_;
  std::uint64_t sent_ = 0;
  std::uint64_t back_ = 0;
};

struct place {
  const char* name;
  node_ptr node;
  caf::actor frame_echo;
  caf::actor plain_echo;
};

node_ptr make_node(live_system& system, caf::execution_unit* loop) {
  auto node = std::make_shared<node_context>();
  node->name = "bench";
  node->id = node_id_of("bench");
  node->ports.clock = std::make_shared<live_clock>(system.actors());
  node->ports.log = std::make_shared<live_log_sink>(log_style{});
  node->metrics = std::make_shared<us::metrics>();
  node->directory = std::make_shared<us::directory>();
  node->loop = loop;
  return node;
}

template <class Start>
double nanoseconds_each(const place& at, const run& what, Start start) {
  std::promise<void> done;
  auto begun = at.node->ports.clock->now();
  start([&done] { done.set_value(); });
  done.get_future().wait();
  auto took = at.node->ports.clock->now() - begun;
  return static_cast<double>(took.count()) / static_cast<double>(what.round_trips);
}

void compare(live_system& system, const place& at, run what) {
  what.echo = {at.node->id, echo_key()};
  double frames = 1e12;
  double plain = 1e12;
  for (int round = 0; round < 7; ++round) {
    frames = std::min(frames, nanoseconds_each(at, what, [&](auto done) {
                        spawn_driver(system.actors(), at.node, what, done);
                      }));
    plain =
        std::min(plain, nanoseconds_each(at, what, [&](std::function<void()> done) {
                   system.actors().spawn<plain_driver>(at.node->loop, at.plain_echo, what, done);
                 }));
  }
  std::printf("local %-9s window %4zu: frame %6.0f ns, plain CAF %6.0f ns, ratio %.2f\n", at.name,
              what.window, frames, plain, frames / plain);
}

void measure(live_system& system, const char* name, caf::execution_unit* loop,
             std::uint64_t round_trips) {
  place at{name, make_node(system, loop), {}, {}};
  at.frame_echo = spawn_echo(system.actors(), at.node);
  at.plain_echo = system.actors().spawn<plain_echo>(loop);
  for (std::size_t window : {1u, 100u}) compare(system, at, {round_trips, window, {}});
  caf::anon_send_exit(at.frame_echo, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(at.plain_echo, caf::exit_reason::user_shutdown);
}

}  // namespace
}  // namespace us::bench

int main(int argc, char** argv) {
  const std::uint64_t round_trips = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 300'000;
  if (round_trips < 10) {
    std::fprintf(stderr, "usage: frames_local_bench [ROUND_TRIPS=300000]\n");
    return 2;
  }
  us::live_system system;
  us::bench::measure(system, "loop", system.loop(), round_trips);
  us::bench::measure(system, "scheduler", nullptr, round_trips);
}
