#pragma once
/// A program under test as a child process: its output line by line, its exit code.

#include "actors/app/child_process.hpp"
#include "actors/app/descriptors.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace test {

class program {
 public:
  /// `arguments` without the program's own name. It is killed when this is destroyed.
  program(const std::string& path, std::vector<std::string> arguments);
  ~program();
  program(const program&) = delete;
  program& operator=(const program&) = delete;

  pid_t pid() const { return pid_; }
  /// The first line, of those not read yet, that has `text` in it; nothing when the output ends
  /// or the limit passes before.
  std::optional<std::string> line_with(const std::string& text,
                                       std::chrono::milliseconds limit = std::chrono::seconds{30});
  void signal(int number) const;
  /// Reads the rest of the output and waits: the exit code, or minus the signal.
  int wait(std::chrono::milliseconds limit = std::chrono::seconds{30});
  /// Everything that it wrote, to stdout and stderr, so far.
  const std::string& output() const { return output_; }

 private:
  bool fill(std::chrono::milliseconds limit);

  pid_t pid_ = -1;
  int status_ = 0;
  us::descriptor pipe_;
  us::line_splitter lines_;
  std::string output_;
};

struct ended {
  int code;
  std::string output;
};
ended run(const std::string& path, std::vector<std::string> arguments);

/// A directory of its own, removed at the end.
class temporary_directory {
 public:
  temporary_directory();
  ~temporary_directory();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Ports of this machine's loopback that were free a moment ago, all different.
std::vector<std::uint16_t> free_ports(std::size_t count);

/// Waits until the process is gone. False: the limit passed.
bool gone(pid_t pid, std::chrono::milliseconds limit = std::chrono::seconds{30});

}  // namespace test
