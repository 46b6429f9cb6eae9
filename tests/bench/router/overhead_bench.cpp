// What a request through a router costs more than the same request sent straight to its seat: one
// node, its loop, the same seat; rounds alternate, the best of each kind counts. usage:
// router_overhead_bench [REQUESTS per round=100000]
#include "actors/router/router.hpp"
#include "actors/stateless/seat.hpp"
#include "runtime/live/live_clock.hpp"
#include "runtime/live/live_log_sink.hpp"
#include "runtime/live/live_random.hpp"
#include "runtime/live/live_system.hpp"
#include "runtime/node/node_actor.hpp"
#include "tests/router/echo_service.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <future>

namespace us::bench {
namespace {

using namespace std::chrono_literals;

struct round {
  std::uint64_t requests = 0;
  std::size_t window = 1;
  std::shared_ptr<std::promise<double>> into;  ///< nanoseconds each
};

void fill(message::Request::Builder request, std::uint64_t number) {
  request.setType(capnp::typeId<test::Echo>());
  request.getBody().initAs<test::Echo>().setNumber(number);
}

/// Sends one request for each that is answered.
class driver : public node_actor {
 public:
  driver(caf::actor_config& config, node_ptr with, const round& what)
      : node_actor(config, std::move(with)), round_(what) {}

 protected:
  virtual void submit(std::uint64_t number) = 0;

  void begin() {
    begun_ = now();
    for (std::size_t i = 0; i < round_.window; ++i) submit(++sent_);
  }
  void answered() {
    if (++back_ == round_.requests) {
      const auto took = now() - begun_;
      round_.into->set_value(static_cast<double>(took.count()) /
                             static_cast<double>(round_.requests));
      return quit();
    }
    if (sent_ < round_.requests) submit(++sent_);
  }

 private:
  round round_;
  time_point begun_;
  std::uint64_t sent_ = 0;
  std::uint64_t back_ = 0;
};

class direct_driver final : public driver {
 public:
  using driver::driver;

 protected:
  caf::behavior make_behavior() override {
    listen_as(actor_key_of("direct"));
    (void)send_frame<message::OpenSession>(to(), {}, [](auto open) { open.setNonce(1); });
    return serve(dispatch_table{{on<message::SessionOpened>([this](auto opened, const us::sender&) {
                                   session_ = opened.getSession();
                                   begin();
                                 }),
                                 on<message::ReplyBatch>([this](auto replies, const us::sender&) {
                                   for (auto reply : replies.getReplies())
                                     if (reply.getOutcome() == message::Outcome::DONE) answered();
                                 })}});
  }
  void submit(std::uint64_t number) override {
    (void)send_frame<message::SubmitBatch>(
        to(), {},
        [&](message::SubmitBatch::Builder batch) {
          batch.setSession(session_);
          batch.setFirstOpen(1);
          auto request = batch.initRequests(1)[0];
          fill(request, number);
          request.setSequence(number);
        },
        64);
  }

 private:
  us::address to() const { return {node().id, seat_key("echo")}; }
  std::uint64_t session_ = 0;
};

class routed_driver final : public driver {
 public:
  using driver::driver;
  void on_exit() override {
    node_actor::on_exit();
    router_.reset();
  }

 protected:
  caf::behavior make_behavior() override {
    listen_as(actor_key_of("routed"));
    router_ = router::make(shared_node(), handle(), key(),
                           {.service = "echo", .idempotent = {capnp::typeId<test::Echo>()}},
                           [this](request_sequence, const outcome& o) {
                             if (o.kind == outcome_kind::done) answered();
                           });
    wait();
    return serve(dispatch_table{router_->handlers()});
  }
  void submit(std::uint64_t number) override {
    router_->submit([number](message::Request::Builder request) { fill(request, number); });
  }

 private:
  void wait() {
    if (router_->usable() == 0) return after(1ms, [this] { wait(); });
    begin();
  }
  std::shared_ptr<router> router_;
};

node_ptr make_node(live_system& system) {
  auto node = std::make_shared<node_context>();
  node->name = "a";
  node->id = node_id_of("a");
  node->members = {{node->id, "a"}};
  node->ports.clock = std::make_shared<live_clock>(system.actors());
  node->ports.random = std::make_shared<live_random>();
  node->ports.log =
      std::make_shared<live_log_sink>(log_style{.least = severity::error, .node = {}});
  node->metrics = std::make_shared<us::metrics>();
  node->directory = std::make_shared<us::directory>();
  node->loop = system.loop();
  return node;
}

template <class Driver>
double measure(live_system& system, const node_ptr& node, round what) {
  what.into = std::make_shared<std::promise<double>>();
  auto future = what.into->get_future();
  system.actors().spawn<Driver>(node, what);
  return future.get();
}

void compare(std::size_t window, std::uint64_t requests) {
  live_system system;
  auto node = make_node(system);
  auto seat = spawn_stateless_seat(system.actors(), node, test::echo_service("a", nullptr));
  double direct = 1e12;
  double routed = 1e12;
  for (int i = 0; i < 5; ++i) {
    direct = std::min(direct, measure<direct_driver>(system, node, {requests, window, {}}));
    routed = std::min(routed, measure<routed_driver>(system, node, {requests, window, {}}));
  }
  std::printf("window %3zu: direct %5.0f ns, routed %5.0f ns, overhead %5.0f ns (%.2f times)\n",
              window, direct, routed, routed - direct, routed / direct);
  caf::anon_send_exit(seat, caf::exit_reason::kill);
}

}  // namespace
}  // namespace us::bench

int main(int argc, char** argv) {
  const std::uint64_t requests = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100'000;
  if (requests < 1000) {
    std::fprintf(stderr, "usage: router_overhead_bench [REQUESTS=100000]\n");
    return 2;
  }
  us::bench::compare(1, requests);
  us::bench::compare(100, requests);
}
