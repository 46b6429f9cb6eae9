// Time and chance enter through ports, work is done by actors, and nothing is left for later.
#include "tests/tidy/source_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace us::tidy {
namespace {

struct banned {
  std::string_view word;
  std::vector<std::string_view> folders;  ///< where it is banned
  std::vector<std::string_view> except;
  std::string_view instead;
};

const std::vector<banned>& banned_words() {
  static const std::vector<std::string_view> product{"messages/", "runtime/", "actors/"};
  static const std::vector<std::string_view> everything{"messages/", "runtime/", "actors/", "apps/",
                                                        "tests/"};
  static const std::vector<banned> words{
      {"steady_clock::now", product, {"runtime/live/"}, "ask the clock port"},
      {"system_clock::now", product, {"runtime/live/"}, "ask the clock port"},
      {"high_resolution_clock", everything, {}, "ask the clock port"},
      {"clock_gettime", product, {"runtime/live/"}, "ask the clock port"},
      {"gettimeofday", everything, {"tests/determinism/"}, "ask the clock port"},
      {"sleep_for", everything, {"runtime/live/", "apps/", "tests/bench/"}, "wait for an event"},
      {"sleep_until", everything, {"runtime/live/", "apps/", "tests/bench/"}, "wait for an event"},
      {"usleep(", everything, {"runtime/live/", "apps/", "tests/bench/"}, "wait for an event"},
      {"nanosleep(", everything, {"runtime/live/", "apps/", "tests/bench/"}, "wait for an event"},
      {" rand(", everything, {}, "ask the random port"},
      {"std::rand(", everything, {}, "ask the random port"},
      {"random_device", everything, {"runtime/live/", "apps/", "tests/bench/"}, "ask the random port"},
      {"std::thread", {"messages/", "actors/"}, {"actors/app/"}, "use an actor or the executor port"},
      {"std::jthread", {"messages/", "actors/"}, {"actors/app/"}, "use an actor or the executor port"},
      {"std::async", everything, {"tests/bench/"}, "use an actor or the executor port"},
      {"[=]", everything, {}, "name what is captured"},
      {"[=,", everything, {}, "name what is captured"},
      {"using namespace std;", everything, {}, "write std::"},
  };
  return words;
}

bool in_any(const source_file& file, const std::vector<std::string_view>& folders) {
  return std::ranges::any_of(folders, [&](std::string_view folder) { return file.in(folder); });
}

TEST(BannedWords, DoNotOccurInCode) {
  for (const auto& rule : banned_words())
    for (const auto& file : source_tree()) {
      if (!file.cpp() || !in_any(file, rule.folders) || in_any(file, rule.except)) continue;
      each_line(file.code, [&](std::string_view line, std::size_t number) {
        EXPECT_EQ(line.find(rule.word), std::string_view::npos)
            << place(file, number) << ": " << rule.word << ": " << rule.instead;
      });
    }
}

TEST(BannedWords, LeaveNothingForLater) {
  // In pieces, so that this file does not find itself.
  const std::vector<std::string> marks{std::string{"TO"} + "DO", std::string{"FIX"} + "ME"};
  for (const auto& file : source_tree())
    each_line(file.text, [&](std::string_view line, std::size_t number) {
      for (const auto& mark : marks)
        EXPECT_EQ(line.find(mark), std::string_view::npos) << place(file, number) << ": " << mark;
    });
}

}  // namespace
}  // namespace us::tidy
