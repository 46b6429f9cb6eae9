#include "tests/bench/log/log_load.hpp"

#include "runtime/log/segment_files.hpp"

#include <caf/event_based_actor.hpp>

#include <algorithm>
#include <deque>
#include <future>
#include <vector>

#include <fmt/format.h>
#include <sys/resource.h>

namespace us::bench {
namespace {

double cpu_us() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  auto us = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
  };
  return us(used.ru_utime) + us(used.ru_stime);
}

figures figures_of(std::vector<float> latencies, double seconds, double cpu) {
  figures f;
  if (latencies.empty()) return f;
  std::sort(latencies.begin(), latencies.end());
  auto count = static_cast<double>(latencies.size());
  f.per_second = count / seconds;
  f.p50_us = latencies[latencies.size() / 2];
  f.p99_us = latencies[latencies.size() * 99 / 100];
  f.cpu_us = cpu / count;
  return f;
}

float us_between(time_point from, time_point to) {
  return static_cast<float>(static_cast<double>((to - from).count()) / 1000);
}

class loader : public caf::event_based_actor {
 public:
  loader(caf::actor_config& config, std::shared_ptr<us::clock> time, std::unique_ptr<change_log> log,
         load what, std::shared_ptr<std::promise<figures>> answer)
      : event_based_actor(config),
        time_(std::move(time)),
        log_(std::move(log)),
        what_(what),
        answer_(std::move(answer)),
        bytes_(std::make_shared<const std::string>(what.entry_bytes, 'x')) {}

  caf::behavior make_behavior() override {
    return {[](const task& work) { work(); },
            [this](caf::unit_t) { begin(); }};
  }

 private:
  void begin() {
    log_->attach(caf::actor_cast<caf::actor>(this),
                 {[this](log_index index) { durable(index); },
                  [this](const failure& why) {
                    fmt::print(stderr, "{}\n", why.text);
                    end(true);
                  }});
    fill();
  }
  void fill() {
    auto now = time_->now();
    for (; sent_.size() < what_.outstanding; sent_.push_back(now))
      log_->append({log_->last_index().next(), {1}, bytes_}, log_->durable_index());
  }
  void durable(log_index index) {
    auto now = time_->now();
    if (!started_) {  // the first answer waits for what is made once
      started_ = true;
      start_ = now;
      cpu_ = cpu_us();
    }
    for (; answered_ < index; answered_ = answered_.next()) {
      if (now != start_) latencies_.push_back(us_between(sent_.front(), now));
      sent_.pop_front();
    }
    if (now - start_ >= what_.length) return end(false);
    fill();
  }
  void end(bool failed) {
    auto seconds = std::chrono::duration<double>(time_->now() - start_).count();
    auto f = figures_of(std::move(latencies_), seconds, cpu_us() - cpu_);
    f.failed = failed;
    log_.reset();
    answer_->set_value(f);
    quit();
  }

  std::shared_ptr<us::clock> time_;
  std::unique_ptr<change_log> log_;
  load what_;
  std::shared_ptr<std::promise<figures>> answer_;
  entry_bytes bytes_;
  std::deque<time_point> sent_;
  log_index answered_;
  std::vector<float> latencies_;
  bool started_ = false;
  time_point start_;
  double cpu_ = 0;
};

}  // namespace

figures run_load(caf::actor_system& system, const std::shared_ptr<us::clock>& time,
                 std::unique_ptr<change_log> log, const load& what) {
  auto answer = std::make_shared<std::promise<figures>>();
  auto future = answer->get_future();
  auto actor = system.spawn<loader>(time, std::move(log), what, std::move(answer));
  caf::anon_send(actor, caf::unit);
  return future.get();
}

figures run_raw(disk& where, us::clock& time, std::size_t bytes, bool reserved, duration length) {
  constexpr std::uint64_t room = 64u << 20;
  auto opened = where.open("raw", open_mode::create);
  if (!opened) return {.failed = true};
  auto& file = **opened;
  if (reserved && (!write_zeros(file, 0, room) || !file.sync())) return {.failed = true};
  std::vector<std::byte> data(bytes, std::byte{'x'});
  std::vector<float> latencies;
  auto cpu = cpu_us();
  auto start = time.now();
  auto before = start;
  for (std::uint64_t at = 0; before - start < length; at += bytes) {
    if (reserved && at + bytes > room) at = 0;
    if (!file.write_at(at, data) || !file.sync()) return {.failed = true};
    auto now = time.now();
    latencies.push_back(us_between(before, now));
    before = now;
  }
  auto f = figures_of(std::move(latencies), std::chrono::duration<double>(before - start).count(),
                      cpu_us() - cpu);
  opened->reset();
  f.failed = !where.remove("raw");
  return f;
}

std::string to_string(const figures& f) {
  if (f.failed) return "failed";
  return fmt::format("{:9.0f}/s  p50 {:7.0f} us  p99 {:7.0f} us  cpu {:6.2f} us", f.per_second,
                     f.p50_us, f.p99_us, f.cpu_us);
}

}  // namespace us::bench
