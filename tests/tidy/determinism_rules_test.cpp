// Nothing that runs in a simulation reads what a seed does not decide.
#include "tests/tidy/determinism_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace us::tidy {
namespace {

/// Programs of real machines: command line, processes, HTTP.
constexpr std::array<std::string_view, 3> outside{"runtime/live/", "actors/app/", "apps/"};

bool simulated(const source_file& file) {
  const auto in = [&](std::string_view folder) { return file.in(folder); };
  return file.cpp() && (in("messages/") || in("runtime/") || in("actors/")) &&
         std::ranges::none_of(outside, in);
}

std::size_t findings(const std::string& text) {
  return nondeterminism_in({"x.cpp", text, blank_comments_and_literals(text), {}}).size();
}

TEST(Determinism, OfWhatRunsInASimulationIsInTheCode) {
  std::size_t files = 0;
  for (const auto& file : source_tree()) {
    if (!simulated(file)) continue;
    ++files;
    EXPECT_THAT(nondeterminism_in(file), testing::IsEmpty());
  }
  EXPECT_GT(files, 100u);
}

TEST(DeterminismRules, CatchWhatASeedDoesNotDecide) {
  for (const auto* line : {"auto now = std::chrono::steady_clock::now();",
                           "auto t = system_clock::now();",
                           "clock_gettime(CLOCK_MONOTONIC, &ts);",
                           "auto t = std::time(nullptr);",
                           "x = time(0);",
                           "::time(&now);",
                           "gettimeofday(&tv, nullptr);",
                           "auto c = __rdtsc();",
                           "std::random_device chance;",
                           "getrandom(into, size, 0);",
                           "auto r = std::rand() % 6;",
                           "return rand();",
                           "auto pid = getpid();",
                           "log(gettid());",
                           "std::this_thread::get_id()",
                           "std::hash<node*>{}(each)",
                           "std::unordered_map<actor*, int> seen;",
                           "std::map<const frame*, int> seen;",
                           "std::set<node*> all;",
                           "std::set<std::shared_ptr<node>> all;",
                           "reinterpret_cast<std::uintptr_t>(this)",
                           "std::snprintf(text, size, \"%p\", this);"})
    EXPECT_EQ(findings(line), 1u) << line;
}

TEST(DeterminismRules, LetTheRestPass) {
  for (const auto* line :
       {"auto now = node().ports.clock->now();", "steady_clock::duration length;",
        "void run_until(time_point end);", "chance.next_time(0);", "deadline_time(x);",
        "operand(1);", "std::map<std::string, node*> by_name;", "std::hash<std::string>{}(key)",
        "// steady_clock::now() is banned", "fail(\"ask getpid() instead\");",
        "random_stream chance{seed};", "auto id = get_id(node);"})
    EXPECT_EQ(findings(line), 0u) << line;
}

}  // namespace
}  // namespace us::tidy
