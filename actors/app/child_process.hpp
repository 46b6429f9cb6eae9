#pragma once
/// A child process of the launcher: this program again, with other arguments.
///
/// It has a process group of its own (Ctrl-C reaches only the launcher, which stops its
/// children in order), nothing on stdin, and gets SIGTERM when the launcher dies. What it
/// writes, to stdout or stderr, comes through one pipe. Only its own pid is ever waited
/// for or signalled.

#include "actors/app/descriptors.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace us {

class child_process {
 public:
  /// The arguments of the child are `arguments` and "--ready-fd N".
  static child_process start(const std::vector<std::string>& arguments);

  child_process() = default;
  bool running() const { return pid_ > 0; }
  pid_t pid() const { return pid_; }
  int output_fd() const { return output_.get(); }
  int ready_fd() const { return ready_.get(); }

  /// Appends what has been written to `into`. False: nothing more will come.
  bool read_output(std::string& into);
  /// True once it says that it is ready; reads the descriptor.
  bool read_ready();
  void signal(int number) const;
  /// Its status as of waitpid(), when it has ended.
  std::optional<int> reap();

 private:
  pid_t pid_ = -1;
  descriptor output_;
  descriptor ready_;
};

/// "exit code 1", "signal 9 (Killed)"
std::string describe_end(int wait_status);

/// Cuts a stream of bytes into lines, at most line_max long.
class line_splitter {
 public:
  static constexpr std::size_t line_max = 64u << 10;

  std::string& buffer() { return buffer_; }
  /// The next whole line, without its end; nothing when there is none.
  std::optional<std::string> next();
  /// What is left without an end.
  std::string rest() { return std::exchange(buffer_, {}); }

 private:
  std::string buffer_;
};

}  // namespace us
