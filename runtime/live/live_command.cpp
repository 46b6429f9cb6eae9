#include "runtime/live/live_command.hpp"

#include "runtime/live/posix_error.hpp"
#include "runtime/live/socket.hpp"

#include <spawn.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace us {

namespace {

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (const auto& text : texts) all.push_back(const_cast<char*>(text.c_str()));
  all.push_back(nullptr);
  return all;
}

int spawn(const command_line& line, pid_t& pid) {
  std::vector<std::string> environment{line.environment};
  for (char** each = environ; *each != nullptr; ++each) environment.emplace_back(*each);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, 2, 1);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  sigset_t none;
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  auto words = pointers(line.words);
  auto variables = pointers(environment);
  const auto error =
      ::posix_spawnp(&pid, words[0], &actions, &attributes, words.data(), variables.data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  return error;
}

}  // namespace

command_result run_command(const command_line& line) {
  pid_t pid = -1;
  if (const auto error = spawn(line, pid); error != 0)
    return {false, line.words.front() + " cannot be started: " + std::strerror(error)};
  const owned_socket ended{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
  pollfd watched{ended.get(), POLLIN, 0};
  const auto ready = retry_interrupted(
      [&] { return ::poll(&watched, 1, static_cast<int>(line.timeout.count())); });
  const bool late = ready == 0;
  if (late) ::kill(-pid, SIGKILL);
  int status = 0;
  retry_interrupted([&] { return ::waitpid(pid, &status, 0); });
  if (late) return {false, "killed after " + std::to_string(line.timeout.count()) + " ms"};
  if (WIFSIGNALED(status)) return {false, "ended by signal " + std::to_string(WTERMSIG(status))};
  const auto code = WEXITSTATUS(status);
  return {code == 0, code == 0 ? "" : "exit code " + std::to_string(code)};
}

}  // namespace us
