// How long a replica takes to start from what is on its disk, and how much disk and memory it
// needs: from the log alone, and from a snapshot, with either engine of the state.
// usage: restart_bench [DIRECTORY] [KEYS=1000000] [memory|rocksdb]
#include "actors/leader_follower/open_store.hpp"
#include "runtime/live/live_disk.hpp"
#include "runtime/rocks/rocks_engine.hpp"
#include "tests/log/log_harness.hpp"

#include <malloc.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace {

using namespace us;

class no_log final : public log_sink {
 public:
  void write(severity, std::string_view, std::initializer_list<log_field>) override {}
};

class counted final : public random_source {
 public:
  std::uint64_t next() override { return ++count_; }

 private:
  std::uint64_t count_ = 0;
};

/// Resident, after what is free was given back.
double resident_bytes() {
  ::malloc_trim(0);
  std::ifstream from{"/proc/self/statm"};
  double pages = 0;
  from >> pages >> pages;
  return pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

/// 128 bytes that do not compress.
std::string value_of(std::uint64_t number) {
  std::string value;
  for (std::uint64_t part = 1; part <= 16; ++part) {
    auto mixed = (number * 16 + part) * 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ (mixed >> 31)) * 0xbf58476d1ce4e5b9u;
    value.append(reinterpret_cast<const char*>(&mixed), sizeof mixed);
  }
  return value;
}

class bench {
 public:
  bench(const std::string& directory, std::uint64_t keys, engine_ptr engine)
      : directory_(directory), keys_(keys), engine_(std::move(engine)) {
    auto opened = live_disk::open_directory(directory);
    if (!opened) throw std::runtime_error{opened.error().text};
    ports_.disk = *opened;
    ports_.executor = jobs_;
    ports_.clock = time_;
    ports_.random = std::make_shared<counted>();
    ports_.log = std::make_shared<no_log>();
    limits_.snapshot_bytes = UINT64_MAX / 2;
    limits_.retain.bytes = 0;
  }

  void run() {
    fill();
    start("the log");
    take_snapshot();
    start("a snapshot");
  }

 private:
  std::unique_ptr<replica_store> open() {
    auto opened = open_store(ports_, "bench/log", limits_, engine_);
    if (!opened) throw std::runtime_error{opened.error().text};
    (*opened)->log->attach(test::new_owner(), {});
    return std::move(*opened);
  }
  /// Keys of 16 bytes, values of 128, a hundred in an entry.
  void fill() {
    auto store = open();
    for (std::uint64_t i = 0; i < keys_;) {
      entry_content content;
      for (int n = 0; n < 100 && i < keys_; ++n, ++i) {
        char key[17];
        std::snprintf(key, sizeof key, "%016llx", static_cast<unsigned long long>(i));
        content.changes.push_back({change_kind::put, key, value_of(i)});
      }
      store->append(encode_entry(store->log->last_index().next(), {1}, content));
      if (store->log->last_index().value % 100 == 0) jobs_->run_all();
      store->commit_up_to(store->log->last_index());
    }
    store->append(encode_entry(store->log->last_index().next(), {1}, {}));  // stores the commit
    jobs_->run_all();
  }
  void take_snapshot() {
    auto store = open();
    auto limits = limits_;
    limits.snapshot_bytes = 0;
    store->snapshots->attach(test::new_owner(), *store, limits);
    const auto began = std::chrono::steady_clock::now();
    store->snapshots->advance();
    while (store->snapshots->taking()) {
      jobs_->run_all();
      time_->advance(std::chrono::seconds{1});
      store->snapshots->advance();
    }
    jobs_->run_all();
    std::printf("taking a snapshot: %.2f s without pauses\n", since(began));
  }
  void start(const char* from) {
    const auto before = resident_bytes();
    const auto began = std::chrono::steady_clock::now();
    auto store = open();
    const auto took = since(began);
    const auto keys = static_cast<double>(store->state->size());
    std::printf("start from %s: %.2f s, %.0f keys, %.0f bytes resident a key, %.0f of disk\n", from,
                took, keys, (resident_bytes() - before) / keys, disk_bytes() / keys);
  }
  double disk_bytes() const {
    double sum = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator{directory_})
      if (file.is_regular_file()) sum += static_cast<double>(file.file_size());
    return sum;
  }
  static double since(std::chrono::steady_clock::time_point began) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  }

  std::string directory_;
  std::uint64_t keys_;
  engine_ptr engine_;
  std::shared_ptr<test::manual_executor> jobs_ = std::make_shared<test::manual_executor>();
  std::shared_ptr<test::manual_clock> time_ = std::make_shared<test::manual_clock>();
  us::ports ports_;
  group_limits limits_;
};

}  // namespace

int main(int argc, char** argv) {
  const std::string directory = argc > 1 ? argv[1] : "restart_bench.data";
  const auto keys = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1'000'000;
  const std::string engine = argc > 3 ? argv[3] : "memory";
  if (keys < 1 || (engine != "memory" && engine != "rocksdb")) {
    std::fprintf(stderr, "usage: restart_bench [DIRECTORY] [KEYS=1000000] [memory|rocksdb]\n");
    return 2;
  }
  std::filesystem::remove_all(directory + "/bench");
  bench{directory, keys, engine == "memory" ? memory_engine() : rocks_engine()}.run();
}
