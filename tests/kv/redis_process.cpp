#include "tests/kv/redis_process.hpp"

#include <spawn.h>

#include <algorithm>
#include <arpa/inet.h>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace kv::test {

namespace {

bool installed(const std::string& program) {
  std::string path = std::getenv("PATH") == nullptr ? "" : std::getenv("PATH");
  for (std::size_t at = 0; at <= path.size();) {
    const auto end = std::min(path.find(':', at), path.size());
    if (::access((path.substr(at, end - at) + "/" + program).c_str(), X_OK) == 0) return true;
    at = end + 1;
  }
  return false;
}

// Free a moment ago; another program may take it first, and then starting fails.
std::uint16_t free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  const bool bound = ::bind(socket, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0 &&
                     ::getsockname(socket, reinterpret_cast<sockaddr*>(&at), &size) == 0;
  ::close(socket);
  if (!bound) throw std::runtime_error{"no free port"};
  return ntohs(at.sin_port);
}

}  // namespace

std::unique_ptr<redis_process> redis_process::start(const std::vector<std::string>& options) {
  if (!installed("redis-server")) return nullptr;
  for (int attempt = 0; attempt < 5; ++attempt) {
    const auto port = free_port();
    std::vector<std::string> words{
        "redis-server", "--port", std::to_string(port), "--bind", "127.0.0.1", "--save", ""};
    words.insert(words.end(), options.begin(), options.end());
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    int output[2];
    if (::pipe2(output, O_CLOEXEC) != 0) throw std::runtime_error{"pipe failed"};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, output[1], 1);
    posix_spawn_file_actions_adddup2(&actions, output[1], 2);
    pid_t process = 0;
    const int failed =
        ::posix_spawnp(&process, "redis-server", &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(output[1]);
    if (failed != 0) {
      ::close(output[0]);
      throw std::runtime_error{"redis-server cannot be started"};
    }
    std::unique_ptr<redis_process> started{new redis_process{process, output[0], port}};
    if (started->wait_until_ready()) return started;
  }
  throw std::runtime_error{"redis-server did not come up"};
}

// It says so in its output; the end of the output means that it failed.
bool redis_process::wait_until_ready() {
  std::string said;
  char buffer[4096];
  pollfd readable{output_, POLLIN, 0};
  while (::poll(&readable, 1, 20'000) == 1) {
    const auto got = ::read(output_, buffer, sizeof buffer);
    if (got <= 0) return false;
    said.append(buffer, static_cast<std::size_t>(got));
    if (said.find("Ready to accept connections") != std::string::npos) return true;
  }
  return false;
}

redis_process::~redis_process() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  ::close(output_);
}

}  // namespace kv::test
