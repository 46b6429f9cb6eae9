#include "tests/bench/router/haproxy_load.hpp"

#include "actors/app/http.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <future>
#include <stdexcept>
#include <thread>
#include <vector>

namespace us::bench {

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

std::string config_text(proxying how, std::uint16_t port, const std::vector<std::uint16_t>& to) {
  const bool requests = how == proxying::requests;
  std::string text = "defaults\n mode " + std::string{requests ? "http" : "tcp"} +
                     "\n timeout connect 200ms\n timeout client 2s\n timeout server " +
                     (requests ? "150ms" : "1s") +
                     "\n retries 3\n option redispatch 1\n option httpchk GET /healthz\n";
  if (requests) text += " retry-on all-retryable-errors\n";
  text += "listen echo\n bind 127.0.0.1:" + std::to_string(port) +
          "\n balance roundrobin\n default-server check inter 100ms fall 2 rise 2\n";
  for (std::size_t i = 0; i < to.size(); ++i)
    text += " server s" + std::to_string(i) + " 127.0.0.1:" + std::to_string(to[i]) + "\n";
  return text;
}

struct answered {
  bool done = false;
  std::chrono::milliseconds took{0};
};

answered ask(std::uint16_t port, unsigned number, std::chrono::milliseconds timeout) {
  const auto begun = steady_clock::now();
  auto answer = http_call(
      {"127.0.0.1", port},
      {"POST", "/api/v1/services/echo/Echo", "{\"number\":" + std::to_string(number) + "}"},
      timeout);
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - begun);
  return {answer && answer->status == 200, took};
}

void wait_until_it_answers(std::uint16_t port) {
  const auto end = steady_clock::now() + 30s;
  for (unsigned in_a_row = 0; in_a_row < 6;) {
    if (steady_clock::now() > end) throw std::runtime_error{"HAProxy does not answer"};
    in_a_row = ask(port, 0, 500ms).done ? in_a_row + 1 : 0;
  }
}

}  // namespace

test::load_result run_haproxy(test::live_backends& backends, proxying how,
                              const test::load_plan& plan) {
  const auto port = ::test::free_ports(1).front();
  ::test::temporary_directory directory;
  const auto file = directory.path() + "/haproxy.cfg";
  std::ofstream{file} << config_text(how, port, backends.admin_ports());
  ::test::program haproxy{haproxy_program, {"-db", "-f", file}};
  wait_until_it_answers(port);
  std::vector<std::future<answered>> open;
  const auto begun = steady_clock::now();
  bool acted = false;
  for (auto at = 0ms; at < plan.length; at += plan.every) {
    std::this_thread::sleep_until(begun + at);
    if (at >= plan.act_at && plan.act && !std::exchange(acted, true)) plan.act();
    open.push_back(std::async(std::launch::async, ask, port, static_cast<unsigned>(open.size()),
                              plan.timeout));
  }
  test::load_result result;
  for (auto& each : open) {
    const auto what = each.get();
    ++result.sent;
    ++(what.done ? result.done : result.unknown);
    result.slowest = std::max(result.slowest, what.took);
  }
  haproxy.signal(SIGTERM);
  haproxy.wait();
  return result;
}

}  // namespace us::bench
