#include "apps/lab/seed_sweep.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace lab {

namespace {

class sweeper {
 public:
  sweeper(const run_options& how, const sweep_options& sweep,
          const std::function<void(const sweep_result&)>& progress)
      : how_(how), sweep_(sweep), progress_(progress) {}

  sweep_result run() {
    std::vector<std::jthread> workers;
    const auto jobs =
        std::clamp<std::uint64_t>(sweep_.jobs, 1, std::max<std::uint64_t>(sweep_.seeds, 1));
    for (std::uint64_t i = 0; i < jobs; ++i) workers.emplace_back([this] { work(); });
    workers.clear();
    return std::move(result_);
  }

 private:
  void work() {
    for (auto i = next_++; i < sweep_.seeds; i = next_++) {
      auto how = how_;
      how.cluster.seed = sweep_.first_seed + i;
      run_result run;
      std::string wrong;
      try {
        run = run_register(how);
      } catch (const std::exception& e) {
        wrong = e.what();
      }
      note(how.cluster.seed, run, std::move(wrong));
    }
  }

  void note(std::uint64_t seed, const run_result& run, std::string wrong) {
    const std::lock_guard lock{mutex_};
    ++result_.seeds;
    result_.requests += run.requests;
    result_.length += run.length;
    result_.events += run.events;
    if (!wrong.empty()) result_.failed.emplace(seed, std::move(wrong));
    progress_(result_);
  }

  const run_options& how_;
  const sweep_options& sweep_;
  const std::function<void(const sweep_result&)>& progress_;
  std::atomic<std::uint64_t> next_{0};
  std::mutex mutex_;
  sweep_result result_;
};

}  // namespace

sweep_result sweep_seeds(const run_options& how, const sweep_options& sweep,
                         const std::function<void(const sweep_result&)>& progress) {
  return sweeper{how, sweep, progress}.run();
}

}  // namespace lab
