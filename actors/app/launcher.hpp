#pragma once
/// Runs a process per node of a cluster and keeps them running.
///
/// Single-threaded, around poll(). Prints what the children write, prefixed with their node.
/// A child that dies is started again after a backoff that doubles from 200 ms to 5 s; one
/// that stayed up for ten seconds begins at 200 ms again. A child that exits before it ever was
/// ready has a problem that a restart does not mend (a port in use): everything stops.
/// SIGINT, SIGTERM: children are stopped one after another, last first, each with SIGTERM
/// and after 12 s with SIGKILL. A second signal, not at once after the first, kills all of them.

#include "actors/app/child_process.hpp"
#include "actors/app/commands.hpp"
#include "actors/app/terminal.hpp"

#include <deque>
#include <poll.h>
#include <string>
#include <vector>

namespace us {

class launcher {
 public:
  launcher(const cluster_config& config, const log_choice& log);
  /// Returns the exit code once every child has ended.
  int run();

 private:
  enum class phase { starting, up, waiting, ended };
  struct member {
    std::string node;
    std::vector<std::string> arguments;
    child_process process;
    line_splitter lines;
    timer alarm;  ///< starting, up: that it runs well; waiting: restart; stopping: kill
    phase now = phase::ended;
    bool was_ready = false;
    unsigned failures = 0;  ///< in a row
  };

  void greet(const cluster_config& config);
  void start(member& m);
  void on_ready(member& m);
  void on_alarm(member& m);
  void on_end(member& m, int status);
  void restart_later(member& m, int status);
  void on_signal(int number);
  void stop(int code);
  void stop_next();
  bool stopping_this(const member& m) const { return stopping_ && m.process.running(); }
  bool all_ended() const;
  void pass_lines(member& m);
  void drain(member& m);
  void collect_ends();

  std::vector<pollfd> watched();
  void handle(const std::vector<pollfd>& ready);
  void flush();

  signal_queue signals_;
  terminal terminal_;
  timer second_signal_;  ///< went off: one more signal kills
  std::deque<member> members_;
  bool stopping_ = false;
  bool said_ready_ = false;
  int code_ = exit_ok;
};

}  // namespace us
