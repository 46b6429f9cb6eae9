#pragma once
/// The contract of change_log as tests, for any implementation in any world:
/// INSTANTIATE_TEST_SUITE_P(Name, ChangeLog, testing::Values(world_kind{...}, ...)).

#include "tests/log/log_harness.hpp"

#include <gtest/gtest.h>

namespace us::test {

class ChangeLog : public testing::TestWithParam<world_kind> {
 protected:
  ChangeLog();

  void open();
  void attach();
  /// Ends the process that held the log, loses what was not synced, opens it again.
  void crash_and_open();
  void append(std::uint64_t epoch, std::string text, std::uint64_t commit = 0);
  void run() { jobs->run_all(); }
  /// Appends `count` entries of 400 bytes, the first character counting up from 'a'.
  void append_many(int count, std::uint64_t epoch = 1);
  std::vector<std::string> replayed();
  /// What read() answers, from the disk or memory.
  result<std::vector<log_entry>> read(std::uint64_t first, std::size_t bytes_max);

  log_options options{.segment_bytes = 4096, .cache_bytes = 1024};
  std::unique_ptr<log_world> world;
  std::shared_ptr<manual_executor> jobs = std::make_shared<manual_executor>();
  std::shared_ptr<manual_clock> time = std::make_shared<manual_clock>();
  caf::actor owner = new_owner();
  std::unique_ptr<change_log> log;
  std::vector<std::uint64_t> durable;
  std::vector<failure> failures;
};

}  // namespace us::test
