#pragma once
/// The log port on spdlog: lines of text for a terminal, or one JSON object a line for a
/// collector, to stderr. Events are plain sentences on stdout, flushed at once; with JSON
/// they are also among the other lines. Thread-safe.

#include "runtime/ports/log_sink.hpp"

#include <memory>

namespace us {

struct log_style {
  bool json = false;
  severity least = severity::info;  ///< below it nothing is written
  std::string node;                 ///< named in every line
};

class live_log_sink final : public log_sink {
 public:
  explicit live_log_sink(log_style style);
  ~live_log_sink() override;

  void write(severity level, std::string_view what,
             std::initializer_list<log_field> fields = {}) override;

 private:
  struct outputs;
  log_style style_;
  std::unique_ptr<outputs> outputs_;
};

/// One line, for tests: the fields after `what`, as text ("name=value") or JSON members.
std::string format_log_line(const log_style& style, severity level, std::string_view what,
                            std::initializer_list<log_field> fields);

}  // namespace us
