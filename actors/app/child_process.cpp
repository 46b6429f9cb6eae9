#include "actors/app/child_process.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace us {

namespace {

constexpr int ready_number = 3;
constexpr std::size_t chunk = 16384;

[[noreturn]] void fail_in_child(const char* what) {
  const char* reason = std::strerror(errno);
  for (const char* text : {what, ": ", reason, "\n"})
    if (write(STDERR_FILENO, text, std::strlen(text)) < 0) break;
  _exit(127);
}

// Between fork and exec: system calls only.
[[noreturn]] void become(char* const* arguments, pid_t parent, int output, int ready) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(127);
  int null = open("/dev/null", O_RDONLY);
  if (null < 0 || dup2(null, STDIN_FILENO) < 0) fail_in_child("stdin");
  // dup2 drops close-on-exec; the ready end is moved out of the way of its own number first.
  int away = fcntl(ready, F_DUPFD_CLOEXEC, ready_number + 1);
  if (away < 0 || dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0 ||
      dup2(away, ready_number) < 0)
    fail_in_child("dup2");
  fcntl(STDOUT_FILENO, F_SETFL, 0);  // the child's writes may wait
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execv("/proc/self/exe", arguments);
  fail_in_child("exec");
}

}  // namespace

child_process child_process::start(const std::vector<std::string>& arguments) {
  auto words = arguments;
  words.insert(words.end(), {"--ready-fd", std::to_string(ready_number)});
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  auto [output, output_end] = make_pipe();
  auto [ready, ready_end] = make_pipe();
  auto parent = getpid();
  child_process child;
  child.pid_ = fork();
  if (child.pid_ == 0) become(pointers.data(), parent, output_end.get(), ready_end.get());
  if (child.pid_ < 0) throw std::system_error{errno, std::generic_category(), "fork"};
  child.output_ = std::move(output);
  child.ready_ = std::move(ready);
  return child;
}

bool child_process::read_output(std::string& into) {
  auto size = into.size();
  into.resize(size + chunk);
  auto got = read(output_.get(), into.data() + size, chunk);
  into.resize(size + static_cast<std::size_t>(got > 0 ? got : 0));
  if (got > 0) return true;
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  output_.reset();
  return false;
}

bool child_process::read_ready() {
  char byte = 0;
  auto got = read(ready_.get(), &byte, 1);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  ready_.reset();
  return got == 1;
}

void child_process::signal(int number) const {
  if (pid_ > 0) kill(pid_, number);
}

std::optional<int> child_process::reap() {
  int status = 0;
  if (pid_ <= 0 || waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  pid_ = -1;
  return status;
}

std::string describe_end(int wait_status) {
  if (WIFSIGNALED(wait_status)) {
    auto number = WTERMSIG(wait_status);
    return "signal " + std::to_string(number) + " (" + strsignal(number) + ")";
  }
  return "exit code " + std::to_string(WEXITSTATUS(wait_status));
}

std::optional<std::string> line_splitter::next() {
  auto end = buffer_.find('\n');
  if (end == std::string::npos && buffer_.size() < line_max) return std::nullopt;
  auto length = std::min(end, line_max);
  auto line = buffer_.substr(0, length);
  buffer_.erase(0, length == end ? length + 1 : length);
  return line;
}

}  // namespace us
