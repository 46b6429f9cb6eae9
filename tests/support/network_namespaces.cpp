#include "tests/support/network_namespaces.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <spawn.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace us::test {

std::string no_namespaces() {
  if (::geteuid() != 0) return "network namespaces need root: run this test as root";
  return {};
}

int run_command(const std::vector<std::string>& words, std::string* output) {
  std::vector<char*> arguments;
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) throw std::runtime_error{"pipe"};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe[1], 1);
  posix_spawn_file_actions_adddup2(&actions, pipe[1], 2);
  pid_t pid = -1;
  const auto error =
      ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(pipe[1]);
  std::string text;
  std::array<char, 4096> buffer;
  for (ssize_t n = 0; (n = ::read(pipe[0], buffer.data(), buffer.size())) > 0;)
    text.append(buffer.data(), static_cast<std::size_t>(n));
  ::close(pipe[0]);
  if (error != 0) return 127;
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (output != nullptr) *output = text;
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  if (code != 0 && output == nullptr)
    ADD_FAILURE() << words.front() << " " << words[1] << "...: " << text;
  return code;
}

network_namespaces::network_namespaces(std::vector<std::string> hosts) : hosts_(std::move(hosts)) {
  static int count = 0;
  tag_ = "us" + std::to_string(::getpid()) + "x" + std::to_string(count++);
  run_command({"ip", "netns", "add", of("switch")});
  for (const auto& host : hosts_) {
    run_command({"ip", "netns", "add", of(host)});
    ip(host, {"link", "set", "lo", "up"});
  }
  make_switch("e0", "br0", "10.77.0.", "fd77::");
}

network_namespaces::~network_namespaces() {
  for (const auto& host : hosts_) run_command({"ip", "netns", "del", of(host)});
  run_command({"ip", "netns", "del", of("switch")});
}

std::string network_namespaces::of(const std::string& host) const {
  return tag_ + host;
}

void network_namespaces::ip(const std::string& host, const std::vector<std::string>& words) const {
  std::vector<std::string> all{"ip", "-n", of(host)};
  all.insert(all.end(), words.begin(), words.end());
  run_command(all);
}

void network_namespaces::make_switch(const std::string& interface, const std::string& bridge,
                                     const std::string& subnet4, const std::string& subnet6) {
  ip("switch", {"link", "add", "name", bridge, "type", "bridge"});
  ip("switch", {"link", "set", "dev", bridge, "up"});
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    const auto& host = hosts_[i];
    const auto number = std::to_string(i + 1);
    const auto port = interface + host;
    run_command({"ip", "link", "add", interface, "netns", of(host), "type", "veth", "peer", "name",
                 port, "netns", of("switch")});
    ip("switch", {"link", "set", port, "master", bridge, "up"});
    ip(host, {"addr", "add", subnet4 + number + "/24", "dev", interface});
    if (!subnet6.empty())
      ip(host, {"addr", "add", subnet6 + number + "/64", "dev", interface, "nodad"});
    ip(host, {"link", "set", interface, "up"});
  }
}

void network_namespaces::add_second_switch() {
  make_switch("e1", "br1", "10.78.0.", "");
}

void network_namespaces::link(const std::string& host, bool up,
                              const std::string& interface) const {
  ip("switch", {"link", "set", interface + host, up ? "up" : "down"});
}

bool network_namespaces::has_address(const std::string& host, const std::string& address) const {
  std::string shown;
  run_command({"ip", "-n", of(host), "-o", "addr", "show", "dev", "e0"}, &shown);
  return shown.find(" " + address + "/") != std::string::npos;
}

inside::inside(const network_namespaces& where, const std::string& host) {
  before_ = ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  const int there = ::open(("/run/netns/" + where.of(host)).c_str(), O_RDONLY | O_CLOEXEC);
  if (before_ < 0 || there < 0 || ::setns(there, CLONE_NEWNET) != 0)
    throw std::runtime_error{std::string{"cannot enter the namespace: "} + std::strerror(errno)};
  ::close(there);
}

inside::~inside() {
  if (::setns(before_, CLONE_NEWNET) != 0) std::abort();
  ::close(before_);
}

}  // namespace us::test
