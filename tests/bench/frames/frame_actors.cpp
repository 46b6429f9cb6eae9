#include "tests/bench/frames/frame_actors.hpp"

#include "runtime/node/node_actor.hpp"

#include <cstring>

#include "tests/bench/frames/payload.capnp.h"

namespace us::bench {

namespace {

constexpr std::size_t words_of_payload = payload_bytes / 8 + 2;

class echo_actor final : public node_actor {
 public:
  echo_actor(caf::actor_config& config, node_ptr node) : node_actor(config, std::move(node)) {
    listen_as(echo_key());
  }
  caf::behavior make_behavior() override {
    return serve(dispatch_table{{on<Payload>([this](Payload::Reader p, const us::sender& from) {
      (void)send_frame<Payload>(
          from.where(), from.epoch, [&](Payload::Builder reply) { reply.setData(p.getData()); },
          words_of_payload);
    })}});
  }
};

class driver_actor final : public node_actor {
 public:
  driver_actor(caf::actor_config& config, node_ptr with, const run& what,
               std::function<void()> done)
      : node_actor(config, std::move(with)), run_(what), done_(std::move(done)) {
    listen_as(actor_key_of("driver"));
  }
  caf::behavior make_behavior() override {
    std::memset(bytes_, 'x', sizeof bytes_);
    for (std::size_t i = 0; i < run_.window; ++i) send_one();
    return serve(dispatch_table{{on<Payload>([this](Payload::Reader p, const us::sender&) {
      if (p.getData().size() != payload_bytes) return;
      if (++back_ == run_.round_trips) return finish();
      if (sent_ < run_.round_trips) send_one();
    })}});
  }

 private:
  void send_one() {
    ++sent_;
    (void)send_frame<Payload>(
        run_.echo, {},
        [this](Payload::Builder p) { p.setData(kj::arrayPtr(bytes_, sizeof bytes_)); },
        words_of_payload);
  }
  void finish() {
    quit();
    done_();
  }

  run run_;
  std::function<void()> done_;
  std::uint64_t sent_ = 0;
  std::uint64_t back_ = 0;
  kj::byte bytes_[payload_bytes];
};

}  // namespace

us::actor_key echo_key() {
  return actor_key_of("echo");
}

caf::actor spawn_echo(caf::actor_system& system, const node_ptr& node) {
  return system.spawn<echo_actor>(node);
}

caf::actor spawn_driver(caf::actor_system& system, const node_ptr& node, const run& what,
                        std::function<void()> done) {
  return system.spawn<driver_actor>(node, what, std::move(done));
}

}  // namespace us::bench
