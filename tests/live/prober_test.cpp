// The live prober against real sockets and processes.
#include "runtime/live/live_prober.hpp"
#include "runtime/task.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <future>
#include <map>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace us {
namespace {

using namespace std::chrono_literals;

struct runs_tasks : caf::event_based_actor {
  using event_based_actor::event_based_actor;
  caf::behavior make_behavior() override {
    return {[](const task& work) { work(); }};
  }
};

struct Prober : testing::Test {
  Prober() { receiver = system.spawn<runs_tasks>(); }
  ~Prober() override { caf::anon_send_exit(receiver, caf::exit_reason::kill); }

  probe_result ask(const probe& what, std::chrono::milliseconds timeout = 20s) {
    auto promise = std::make_shared<std::promise<probe_result>>();
    auto result = promise->get_future();
    prober->run(what, timeout, receiver,
                [promise](const probe_result& r) { promise->set_value(r); });
    return result.get();
  }
  static probe command(const std::string& script) {
    probe what;
    what.kind = probe_kind::command;
    what.command = {"/bin/sh", "-c", script};
    return what;
  }

  caf::actor_system_config config;
  caf::actor_system system{config};
  caf::actor receiver;
  std::unique_ptr<live_prober> prober = std::make_unique<live_prober>();
};

/// A server that says one thing to whoever comes.
struct one_answer {
  explicit one_answer(std::string text) : says(std::move(text)) {
    auto bound = listen_on({"127.0.0.1", 0}, "test");
    listener = std::move(*bound);
    where = {"127.0.0.1", bound_port(listener)};
  }
  void serve() {
    thread = std::jthread{[this] {
      int taken = -1;
      while ((taken = ::accept(listener.get(), nullptr, nullptr)) < 0) std::this_thread::yield();
      const owned_socket client{taken};
      std::array<char, 1024> got;
      heard.assign(got.data(),
                   static_cast<std::size_t>(::recv(client.get(), got.data(), got.size(), 0)));
      (void)::send(client.get(), says.data(), says.size(), MSG_NOSIGNAL);
    }};
  }
  std::string says;
  std::string heard;
  owned_socket listener;
  endpoint where;
  std::jthread thread;
};

TEST_F(Prober, TakesAnOpenPortForWell) {
  one_answer server{""};
  probe what;
  what.where = server.where;
  EXPECT_TRUE(ask(what).well);
  server.listener = owned_socket{};
  const auto refused = ask(what);
  EXPECT_FALSE(refused.well);
  EXPECT_EQ(refused.why, "connection refused");
}

TEST_F(Prober, GoesByTheHttpStatus) {
  for (const auto& [says, why] : std::map<std::string, std::string>{
           {"HTTP/1.1 204 No Content\r\n\r\n", ""},
           {"HTTP/1.0 503 Service Unavailable\r\n\r\n", "status 503"},
           {"SSH-2.0-OpenSSH_9.2\r\n", "no HTTP answer"},
           {"HTTP/1.1", "closed without a status"}}) {
    one_answer server{says};
    server.serve();
    probe what;
    what.kind = probe_kind::http;
    what.where = server.where;
    what.path = "/up";
    what.host = "www.example.test";
    const auto got = ask(what);
    server.thread.join();
    EXPECT_EQ(got.well, why.empty()) << says;
    EXPECT_EQ(got.why, why) << says;
    EXPECT_THAT(server.heard,
                testing::StartsWith("GET /up HTTP/1.1\r\nHost: www.example.test\r\n"));
  }
}

TEST_F(Prober, GivesUpAtTheTimeout) {
  one_answer server{""};  // takes the connection and never answers
  probe what;
  what.kind = probe_kind::http;
  what.where = server.where;
  const auto got = ask(what, 30ms);
  EXPECT_FALSE(got.well);
  EXPECT_EQ(got.why, "no answer in 30 ms");
}

TEST_F(Prober, GoesByTheExitCodeOfACommand) {
  EXPECT_TRUE(ask(command("exit 0")).well);
  EXPECT_EQ(ask(command("exit 3")).why, "exit code 3");
  EXPECT_EQ(ask(command("kill -9 $$")).why, "signal 9");
  probe missing = command("");
  missing.command = {"/no/such/program"};
  EXPECT_THAT(ask(missing).why, testing::HasSubstr("/no/such/program"));
}

TEST_F(Prober, KillsACommandAndWhatItStarted) {
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  owned_socket reads{pipe_ends[0]};
  owned_socket writes{pipe_ends[1]};  // both processes inherit it
  const auto got = ask(command("sleep 1000 & sleep 1000"), 300ms);
  EXPECT_EQ(got.why, "no answer in 300 ms");
  writes = owned_socket{};
  char byte = 0;
  EXPECT_EQ(::read(reads.get(), &byte, 1), 0);  // once nobody holds it any more
}

TEST_F(Prober, EndsWithCommandsUnderWay) {
  prober->run(command("sleep 1000"), 1000s, receiver, [](const probe_result&) {});
  prober.reset();
}

TEST_F(Prober, RunsManyAtOnce) {
  one_answer server{""};
  std::atomic<int> ended{0};
  std::promise<void> all;
  probe what;
  what.where = server.where;
  for (int i = 0; i < 200; ++i)
    prober->run(what, 20s, receiver, [&](const probe_result&) {
      if (++ended == 200) all.set_value();
    });
  all.get_future().get();
}

}  // namespace
}  // namespace us
