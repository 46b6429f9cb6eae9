// A command as a probe: a process in a group of its own.
#include "runtime/live/probe_job.hpp"

#include <spawn.h>

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace us {

namespace {

class command_job final : public probe_job {
 public:
  command_job(pid_t pid, owned_socket handle) : pid_(pid), handle_(std::move(handle)) {}
  ~command_job() override {
    if (pid_ <= 0) return;
    kill_group();
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  int descriptor() const override { return handle_.get(); }
  short events() const override { return POLLIN; }

  std::optional<probe_result> ready() override {
    int status = 0;
    kill_group();  // what it left behind; its own number is not given away before it is waited for
    if (::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
    pid_ = -1;
    if (WIFSIGNALED(status))
      return probe_result{false, "signal " + std::to_string(WTERMSIG(status))};
    const auto code = WEXITSTATUS(status);
    return probe_result{code == 0, code == 0 ? "" : "exit code " + std::to_string(code)};
  }

  bool cancel() override {
    kill_group();
    return false;
  }

 private:
  void kill_group() const { (void)::kill(-pid_, SIGKILL); }

  pid_t pid_;
  owned_socket handle_;  ///< a pidfd
};

/// What the child gets: a group of its own, no signals blocked, nothing to read or write.
struct spawn_setup {
  spawn_setup() {
    ::posix_spawn_file_actions_init(&files);
    for (int descriptor : {0, 1, 2})
      ::posix_spawn_file_actions_addopen(&files, descriptor, "/dev/null", O_RDWR, 0);
    ::posix_spawnattr_init(&attributes);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~spawn_setup() {
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&files);
  }
  spawn_setup(const spawn_setup&) = delete;
  spawn_setup& operator=(const spawn_setup&) = delete;

  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
};

}  // namespace

started_probe start_command(const std::vector<std::string>& command) {
  if (command.empty()) return {nullptr, {false, "there is no command"}};
  std::vector<char*> arguments;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const spawn_setup setup;
  pid_t pid = -1;
  const auto number =
      ::posix_spawn(&pid, arguments[0], &setup.files, &setup.attributes, arguments.data(), environ);
  if (number != 0)
    return {nullptr,
            {false, command[0] + " cannot be run: " + std::generic_category().message(number)}};
  owned_socket handle{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
  auto job = std::make_unique<command_job>(pid, std::move(handle));
  if (job->descriptor() < 0)
    return {nullptr,
            {false, "commands cannot be watched: " + std::generic_category().message(errno)}};
  return {std::move(job), {}};
}

}  // namespace us
