#pragma once
/// A segmented log on a simulated disk whose faults the test switches.

#include "runtime/simulation/sim_disk.hpp"
#include "tests/log/log_harness.hpp"

#include <gtest/gtest.h>

namespace us::test {

class simulated_log {
 public:
  explicit simulated_log(std::uint64_t seed = 1) : image(sim::random_stream{seed}) {}

  result<std::unique_ptr<change_log>> try_open() {
    return open_segmented_log(disk, jobs, time, directory, options);
  }
  void open() {
    auto opened = try_open();
    if (!opened) throw std::runtime_error{opened.error().text};
    log = std::move(*opened);
    attach();
  }
  void attach() {
    log->attach(owner, {[this](log_index index) { durable = index.value; },
                        [this](const failure& why) { failures.push_back(why); }});
  }
  void append(std::uint64_t epoch, std::string text, std::uint64_t commit = 0) {
    log->append({log->last_index().next(), {epoch}, bytes_of(std::move(text))}, {commit});
  }
  void run() { jobs->run_all(); }

  /// The process is killed: what was written stays readable.
  void kill() {
    log.reset();
    jobs->drop_all();
    access->close();
    access = std::make_shared<sim::disk_access>(image);
    disk = sim::make_disk_port(access);
    durable = 0;
    failures.clear();
  }
  void lose_power() {
    kill();
    image.lose_unsynced();
  }

  std::vector<std::string> texts() {
    std::vector<std::string> all;
    auto ended = log->replay(log->first_index(), log->last_index(),
                             [&](const log_entry& entry) { all.push_back(*entry.bytes); });
    if (!ended) ADD_FAILURE() << ended.error().text;
    return all;
  }
  std::vector<std::string> files() {
    auto names = disk->list(directory);
    return names ? *names : std::vector<std::string>{};
  }
  std::string path(std::size_t file) { return directory + "/" + files().at(file); }

  const std::string directory = "log";
  log_options options{.segment_bytes = 4096, .cache_bytes = 1024};
  sim::disk_image image;
  std::shared_ptr<sim::disk_access> access = std::make_shared<sim::disk_access>(image);
  std::shared_ptr<us::disk> disk = sim::make_disk_port(access);
  std::shared_ptr<manual_executor> jobs = std::make_shared<manual_executor>();
  std::shared_ptr<manual_clock> time = std::make_shared<manual_clock>();
  caf::actor owner = new_owner();
  std::unique_ptr<change_log> log;
  std::uint64_t durable = 0;
  std::vector<failure> failures;
};

}  // namespace us::test
