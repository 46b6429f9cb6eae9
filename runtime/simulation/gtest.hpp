#pragma once
/// Seeds in GoogleTest: UNDERSTUDY_SEED replays one, and a test that fails prints its seed and the
/// command that replays it. Header only: the simulation itself needs no GoogleTest.

#include "runtime/simulation/simulation.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

namespace us {

namespace sim {

inline std::optional<std::uint64_t> number_from_environment(const char* name) {
  const auto* text = std::getenv(name);
  if (text == nullptr || *text == '\0') return std::nullopt;
  return std::strtoull(text, nullptr, 0);
}

/// Tells the seed of the running test when it fails. GoogleTest owns it.
class seed_reporter final : public testing::EmptyTestEventListener {
 public:
  static seed_reporter& instance() {
    static auto* made = [] {
      auto* reporter = new seed_reporter;
      testing::UnitTest::GetInstance()->listeners().Append(reporter);
      return reporter;
    }();
    return *made;
  }

  std::optional<std::uint64_t> seed;

 private:
  void OnTestStart(const testing::TestInfo&) override { seed.reset(); }
  void OnTestEnd(const testing::TestInfo& test) override {
    if (!seed || !test.result()->Failed()) return;
    std::printf("seed %llu; replay: UNDERSTUDY_SEED=%llu %s --gtest_filter=%s.%s\n",
                static_cast<unsigned long long>(*seed), static_cast<unsigned long long>(*seed),
                program_invocation_name, test.test_suite_name(), test.name());
  }
};

}  // namespace sim

/// The seed of this test: UNDERSTUDY_SEED, or the default given.
inline std::uint64_t test_seed(std::uint64_t otherwise = 1) {
  auto& reporter = sim::seed_reporter::instance();
  reporter.seed = sim::number_from_environment("UNDERSTUDY_SEED").value_or(otherwise);
  return *reporter.seed;
}

/// Calls f(seed) for the seeds first .. first + count - 1 until one fails. UNDERSTUDY_SEED: for
/// that one only; UNDERSTUDY_SEEDS: how many, instead of `count`.
template <class F>
void for_each_seed(std::uint64_t first, std::uint64_t count, F f) {
  if (sim::number_from_environment("UNDERSTUDY_SEED")) return f(test_seed());
  count = sim::number_from_environment("UNDERSTUDY_SEEDS").value_or(count);
  for (auto seed = first; seed < first + count; ++seed) {
    // Noted first: when f throws, the report still has the seed.
    f(test_seed(seed));
    if (testing::Test::HasFailure()) return;
  }
}

/// Prints the end of a simulation's timeline when the test has failed by the end of the scope.
class timeline_on_failure {
 public:
  explicit timeline_on_failure(const simulation& watched, std::size_t lines = 200)
      : watched_(watched), lines_(lines) {}
  ~timeline_on_failure() {
    if (testing::Test::HasFailure()) std::printf("%s", watched_.timeline().text(lines_).c_str());
  }
  timeline_on_failure(const timeline_on_failure&) = delete;
  timeline_on_failure& operator=(const timeline_on_failure&) = delete;

 private:
  const simulation& watched_;
  std::size_t lines_;
};

}  // namespace us
