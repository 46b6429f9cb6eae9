#include "tests/vip/probed_hosts.hpp"

#include <gtest/gtest.h>
#include <spawn.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

extern char** environ;

namespace us::test {

namespace {

using namespace std::chrono_literals;

constexpr auto deadline = 60s;
constexpr auto ask_every = 2ms;
constexpr std::uint16_t port = 7000;

std::vector<std::string> with_client(std::vector<std::string> hosts) {
  hosts.push_back("client");
  return hosts;
}

sockaddr_in any_address(std::uint16_t number) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(number);
  return at;
}

int server_socket() {
  const int s = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(s, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
  const auto at = any_address(port);
  if (::bind(s, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0)
    ADD_FAILURE() << "bind: " << std::strerror(errno);
  return s;
}

}  // namespace

int spawn_program(const std::vector<std::string>& words, const std::string& output) {
  std::vector<char*> arguments;
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                   0644);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t pid = -1;
  const auto error =
      ::posix_spawn(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) ADD_FAILURE() << arguments[0] << ": " << std::strerror(error);
  return pid;
}

probed_hosts::probed_hosts(std::vector<std::string> hosts)
    : net_(with_client(hosts)), hosts_(std::move(hosts)) {
  for (const auto& host : hosts_) {
    const inside there{net_, host};
    threads_.emplace_back([this, s = server_socket(), host] { serve(s, host); });
  }
  const inside there{net_, "client"};
  threads_.emplace_back([this, s = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)] { ask(s); });
}

probed_hosts::~probed_hosts() {
  ending_ = true;
  for (auto& thread : threads_) thread.join();
}

bool probed_hosts::eventually(const std::function<bool()>& holds) {
  const auto end = test_clock::now() + deadline;
  std::unique_lock lock{mutex_};
  while (test_clock::now() < end) {
    lock.unlock();
    if (holds()) return true;
    lock.lock();
    // Woken by answers; without any, often enough.
    changed_.wait_for(lock, 20ms);
  }
  return false;
}

bool probed_hosts::answered_by(const std::string& host, int in_a_row) {
  const auto since = test_clock::now();
  return eventually([&] {
    std::lock_guard lock{mutex_};
    int count = 0;
    for (auto at = answers_.rbegin(); at != answers_.rend() && at->when >= since; ++at) {
      if (at->who != host) break;
      if (++count >= in_a_row) return true;
    }
    return false;
  });
}

bool probed_hosts::address_is_only_at(const std::string& host) {
  return eventually([&] {
    for (const auto& each : hosts_)
      if (net_.has_address(each, address) != (each == host)) return false;
    return true;
  });
}

std::chrono::microseconds probed_hosts::longest_gap(test_clock::time_point from,
                                                    test_clock::time_point to) {
  std::lock_guard lock{mutex_};
  auto longest = 0us;
  auto last = from;
  for (const auto& each : answers_) {
    if (each.when < from || each.when > to) continue;
    longest =
        std::max(longest, std::chrono::duration_cast<std::chrono::microseconds>(each.when - last));
    last = each.when;
  }
  return std::max(longest, std::chrono::duration_cast<std::chrono::microseconds>(to - last));
}

std::chrono::microseconds probed_hosts::longest_pause(test_clock::time_point from,
                                                      test_clock::time_point to) {
  std::lock_guard lock{mutex_};
  auto longest = 0us;
  for (const auto& [end, length] : pauses_)
    if (end >= from && end - length <= to) longest = std::max(longest, length);
  return longest;
}

int probed_hosts::answers(const std::string& host, test_clock::time_point since) {
  std::lock_guard lock{mutex_};
  return static_cast<int>(std::count_if(answers_.begin(), answers_.end(), [&](const answer& each) {
    return each.who == host && each.when >= since;
  }));
}

// Answers from the address that was asked.
void probed_hosts::serve(int s, const std::string& name) {
  while (!ending_) {
    pollfd watched{s, POLLIN, 0};
    if (::poll(&watched, 1, 100) <= 0) continue;
    std::array<char, 16> data{};
    std::array<char, 128> control{};
    sockaddr_in from{};
    iovec part{data.data(), data.size()};
    msghdr message{&from, sizeof from, &part, 1, control.data(), control.size(), 0};
    if (::recvmsg(s, &message, MSG_DONTWAIT) < 0) continue;
    for (auto* each = CMSG_FIRSTHDR(&message); each != nullptr;
         each = CMSG_NXTHDR(&message, each)) {
      if (each->cmsg_level != IPPROTO_IP || each->cmsg_type != IP_PKTINFO) continue;
      auto* info = reinterpret_cast<in_pktinfo*>(CMSG_DATA(each));
      info->ipi_spec_dst = info->ipi_addr;
      info->ipi_ifindex = 0;
    }
    part = {const_cast<char*>(name.data()), name.size()};
    (void)::sendmsg(s, &message, MSG_DONTWAIT);
  }
  ::close(s);
}

void probed_hosts::ask(int s) {
  auto to = any_address(port);
  ::inet_pton(AF_INET, address, &to.sin_addr);
  auto next = test_clock::now();
  while (!ending_) {
    const auto now = test_clock::now();
    if (now >= next) {
      if (now - next > 5 * ask_every) {
        std::lock_guard lock{mutex_};
        pauses_.emplace_back(now,
                             std::chrono::duration_cast<std::chrono::microseconds>(now - next));
      }
      (void)::sendto(s, "?", 1, MSG_DONTWAIT, reinterpret_cast<const sockaddr*>(&to), sizeof to);
      next = std::max(next + ask_every, now - 10 * ask_every);
      continue;
    }
    const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(next - now);
    const timespec timeout{0, left.count()};
    pollfd watched{s, POLLIN, 0};
    if (::ppoll(&watched, 1, &timeout, nullptr) <= 0) continue;
    std::array<char, 16> data{};
    const auto got = ::recv(s, data.data(), data.size(), MSG_DONTWAIT);
    if (got <= 0) continue;
    std::lock_guard lock{mutex_};
    answers_.push_back(
        {test_clock::now(), std::string(data.data(), static_cast<std::size_t>(got))});
    changed_.notify_all();
  }
  ::close(s);
}

}  // namespace us::test
