#include "tests/app/program.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace test {

namespace {

using std::chrono::milliseconds;

bool readable(int fd, milliseconds limit) {
  pollfd watched{fd, POLLIN, 0};
  return poll(&watched, 1, static_cast<int>(limit.count())) > 0;
}

}  // namespace

program::program(const std::string& path, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), path);
  std::vector<char*> words;
  for (auto& word : arguments) words.push_back(word.data());
  words.push_back(nullptr);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error{"pipe"};
  pid_ = fork();
  if (pid_ == 0) {
    dup2(ends[1], STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    execv(path.c_str(), words.data());
    _exit(127);
  }
  close(ends[1]);
  pipe_ = us::descriptor{ends[0]};
}

program::~program() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

bool program::fill(milliseconds limit) {
  if (!pipe_ || !readable(pipe_.get(), limit)) return false;
  char bytes[4096];
  auto got = read(pipe_.get(), bytes, sizeof bytes);
  if (got <= 0) {
    pipe_.reset();
    return false;
  }
  lines_.buffer().append(bytes, static_cast<std::size_t>(got));
  output_.append(bytes, static_cast<std::size_t>(got));
  return true;
}

std::optional<std::string> program::line_with(const std::string& text, milliseconds limit) {
  do {
    while (auto line = lines_.next())
      if (line->find(text) != std::string::npos) return line;
  } while (fill(limit));
  return std::nullopt;
}

void program::signal(int number) const {
  kill(pid_, number);
}

int program::wait(milliseconds limit) {
  while (fill(limit)) {
  }
  if (!gone(pid_, limit)) throw std::runtime_error{"the program does not end:\n" + output_};
  waitpid(pid_, &status_, 0);
  pid_ = -1;
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : -WTERMSIG(status_);
}

ended run(const std::string& path, std::vector<std::string> arguments) {
  program p{path, std::move(arguments)};
  auto code = p.wait();
  return {code, p.output()};
}

temporary_directory::temporary_directory() {
  auto pattern = (std::filesystem::temp_directory_path() / "understudy-test-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"mkdtemp " + pattern};
  path_ = pattern;
}

temporary_directory::~temporary_directory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

// All are bound at once, so that no port is given twice.
std::vector<std::uint16_t> free_ports(std::size_t count) {
  std::vector<us::descriptor> held;
  std::vector<std::uint16_t> ports;
  for (std::size_t i = 0; i < count; ++i) {
    held.emplace_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof where;
    auto* address = reinterpret_cast<sockaddr*>(&where);
    if (bind(held.back().get(), address, size) != 0 ||
        getsockname(held.back().get(), address, &size) != 0)
      throw std::runtime_error{"bind"};
    ports.push_back(ntohs(where.sin_port));
  }
  return ports;
}

bool gone(pid_t pid, milliseconds limit) {
  us::descriptor process{static_cast<int>(syscall(SYS_pidfd_open, pid, 0))};
  return !process || readable(process.get(), limit);
}

}  // namespace test
