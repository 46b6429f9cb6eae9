#include "tests/bench/log/append_cost.hpp"

#include "tests/log/log_harness.hpp"

#include <ctime>
#include <stdexcept>

namespace us::bench {
namespace {

/// Takes everything and keeps nothing.
class null_file final : public file {
 public:
  result<std::size_t> read_at(std::uint64_t, std::span<std::byte>) override {
    return std::size_t{0};
  }
  status write_at(std::uint64_t, std::span<const std::byte>) override { return done{}; }
  status sync() override { return done{}; }
  result<std::uint64_t> size() override { return std::uint64_t{0}; }
  status truncate(std::uint64_t) override { return done{}; }
  status reserve(std::uint64_t) override { return done{}; }
};

class null_disk final : public disk {
 public:
  result<std::unique_ptr<file>> open(const std::string&, open_mode) override {
    return std::unique_ptr<file>{std::make_unique<null_file>()};
  }
  result<std::vector<std::string>> list(const std::string&) override {
    return std::vector<std::string>{};
  }
  status make_directory(const std::string&) override { return done{}; }
  status rename(const std::string&, const std::string&) override { return done{}; }
  status remove(const std::string&) override { return done{}; }
  status sync_directory(const std::string&) override { return done{}; }
  std::uint64_t boot() override { return 0; }
};

double cpu_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

}  // namespace

double append_cost_ns(std::size_t entry_bytes, std::size_t group) {
  constexpr std::size_t entries = 1'000'000;
  auto jobs = std::make_shared<test::manual_executor>();
  auto opened = open_segmented_log(std::make_shared<null_disk>(), jobs,
                                   std::make_shared<test::manual_clock>(), "log", {});
  if (!opened) throw std::runtime_error{opened.error().text};
  auto& log = **opened;
  log.attach(test::new_owner(), {[](log_index) {}, nullptr});
  jobs->run_all();
  auto bytes = test::bytes_of(std::string(entry_bytes, 'x'));
  auto start = cpu_ns();
  for (std::size_t done = 0; done < entries; done += group) {
    for (std::size_t i = 0; i < group; ++i)
      log.append({log.last_index().next(), {1}, bytes}, log.durable_index());
    jobs->run_all();
  }
  return (cpu_ns() - start) / static_cast<double>(entries);
}

}  // namespace us::bench
