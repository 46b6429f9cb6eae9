#include "runtime/simulation/shrink.hpp"

#include <algorithm>
#include <utility>

namespace us {

namespace {

class shrinker {
 public:
  shrinker(fault_plan plan, const std::function<bool(const fault_plan&)>& fails,
           std::size_t runs_max)
      : best_(std::move(plan)), fails_(fails), runs_left_(runs_max) {}

  fault_plan run() {
    auto none = best_;
    none.faults.clear();
    if (best_.faults.empty() || accept(std::move(none))) return best_;
    leave_out();
    shorten();
    return best_;
  }

 private:
  /// Takes the plan over if the run fails with it.
  bool accept(fault_plan candidate) {
    if (runs_left_ == 0) return false;
    --runs_left_;
    if (!fails_(candidate)) return false;
    best_ = std::move(candidate);
    return true;
  }

  void leave_out() {
    auto part = std::max<std::size_t>(best_.faults.size() / 2, 1);
    for (;;) {
      bool smaller = false;
      for (std::size_t at = 0; at < best_.faults.size();) {
        auto candidate = best_;
        const auto end = std::min(at + part, candidate.faults.size());
        candidate.faults.erase(candidate.faults.begin() + static_cast<std::ptrdiff_t>(at),
                               candidate.faults.begin() + static_cast<std::ptrdiff_t>(end));
        if (accept(std::move(candidate)))
          smaller = true;  // what stands at `at` now has not been tried
        else
          at += part;
      }
      if (runs_left_ == 0 || (part == 1 && !smaller)) return;
      part = std::max<std::size_t>(part / 2, 1);
    }
  }

  void shorten() {
    for (std::size_t i = 0; i < best_.faults.size(); ++i)
      while (best_.faults[i].lasts > std::chrono::milliseconds{2}) {
        auto candidate = best_;
        candidate.faults[i].lasts /= 2;
        if (!accept(std::move(candidate))) break;
      }
  }

  fault_plan best_;
  const std::function<bool(const fault_plan&)>& fails_;
  std::size_t runs_left_;
};

}  // namespace

fault_plan shrink(const fault_plan& plan, const std::function<bool(const fault_plan&)>& fails,
                  std::size_t runs_max) {
  return shrinker{plan, fails, runs_max}.run();
}

}  // namespace us
