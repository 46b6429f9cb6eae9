// The change log's candidates against the same contract: our segments and RocksDB.
// Usage: log_bench [SECONDS_A_RUN=1] [ROUNDS=3] [DIRECTORY, on the disk to be measured]
// The rounds are interleaved; of each figure's runs the one with the median rate is printed.
#include "runtime/live/live_clock.hpp"
#include "runtime/live/live_disk.hpp"
#include "runtime/live/live_executor.hpp"
#include "tests/bench/log/append_cost.hpp"
#include "tests/bench/log/log_load.hpp"
#include "tests/bench/log/rocks_log.hpp"

#include <caf/actor_system_config.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace us::bench {
namespace {

class bench {
 public:
  bench(std::string directory, double seconds, int rounds)
      : directory_(std::move(directory)),
        length_(std::chrono::duration_cast<duration>(std::chrono::duration<double>(seconds))),
        rounds_(rounds),
        system_(config_),
        time_(std::make_shared<live_clock>(system_)) {}

  int run() {
    auto opened = live_disk::open_directory(directory_);
    if (!opened) return complain(opened.error());
    disk_ = *opened;
    for (std::size_t bytes : {std::size_t{128}, std::size_t{4096}})
      for (std::size_t group : {std::size_t{1}, std::size_t{64}})
        fmt::print("segments {:5} B, {:2} to a group, without disk and threads: {:.0f} ns of CPU\n",
                   bytes, group, append_cost_ns(bytes, group));
    for (std::size_t bytes : {std::size_t{128}, std::size_t{4096}}) {
      report(fmt::format("raw      {:5} B append, one after another", bytes),
             [&] { return run_raw(*disk_, *time_, bytes, false, length_); });
      report(fmt::format("raw      {:5} B reserved, one after another", bytes),
             [&] { return run_raw(*disk_, *time_, bytes, true, length_); });
    }
    for (std::size_t bytes : {std::size_t{128}, std::size_t{4096}, std::size_t{16384}})
      for (std::size_t outstanding : {std::size_t{1}, std::size_t{16}, std::size_t{64}})
        compare({bytes, outstanding, length_});
    return 0;
  }

 private:
  static int complain(const failure& why) {
    fmt::print(stderr, "log_bench: {}\n", why.text);
    return 2;
  }

  template <class Run>
  void report(const std::string& name, const Run& once) {
    std::vector<figures> all;
    for (int i = 0; i < rounds_; ++i) all.push_back(once());
    print(name, std::move(all));
  }
  void compare(const load& what) {
    std::vector<figures> segments, rocks;
    for (int i = 0; i < rounds_; ++i) {
      segments.push_back(run_segments(what));
      rocks.push_back(run_rocks(what));
    }
    auto label = fmt::format("{:5} B x {:2}", what.entry_bytes, what.outstanding);
    print("segments " + label, std::move(segments));
    print("rocksdb  " + label, std::move(rocks));
  }
  static void print(const std::string& name, std::vector<figures> all) {
    std::sort(all.begin(), all.end(),
              [](const figures& a, const figures& b) { return a.per_second < b.per_second; });
    fmt::print("{:42} {}\n", name, to_string(all[all.size() / 2]));
    std::fflush(stdout);
  }

  figures run_segments(const load& what) {
    auto opened =
        open_segmented_log(disk_, std::make_shared<live_executor>(), time_, "segments", {});
    if (!opened) return refused(opened.error());
    return finish("segments", std::move(*opened), what);
  }
  figures run_rocks(const load& what) {
    auto opened = open_rocks_log(directory_ + "/rocks", std::make_shared<live_executor>(), {});
    if (!opened) return refused(opened.error());
    return finish("rocks", std::move(*opened), what);
  }
  figures finish(const std::string& name, std::unique_ptr<change_log> log, const load& what) {
    auto f = run_load(system_, time_, std::move(log), what);
    std::filesystem::remove_all(directory_ + "/" + name);
    return f;
  }
  static figures refused(const failure& why) {
    complain(why);
    return {.failed = true};
  }

  struct one_thread : caf::actor_system_config {
    one_thread() { set("scheduler.max-threads", std::size_t{1}); }
  };

  std::string directory_;
  duration length_;
  int rounds_;
  one_thread config_;
  caf::actor_system system_;
  std::shared_ptr<live_clock> time_;
  std::shared_ptr<live_disk> disk_;
};

}  // namespace
}  // namespace us::bench

int main(int argc, char** argv) {
  const auto seconds = argc > 1 ? std::atof(argv[1]) : 1.0;
  const auto rounds = argc > 2 ? std::atoi(argv[2]) : 3;
  if (seconds <= 0 || rounds < 1) {
    fmt::print(stderr, "usage: log_bench [SECONDS_A_RUN=1] [ROUNDS=3] [DIRECTORY]\n");
    return 2;
  }
  if (argc > 3) return us::bench::bench{argv[3], seconds, rounds}.run();
  auto made = (std::filesystem::temp_directory_path() / "understudy-log-bench-XXXXXX").string();
  if (::mkdtemp(made.data()) == nullptr) {
    std::perror(made.c_str());
    return 1;
  }
  const auto code = us::bench::bench{made, seconds, rounds}.run();
  std::filesystem::remove_all(made);
  return code;
}
