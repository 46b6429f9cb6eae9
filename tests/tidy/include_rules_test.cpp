// Includes go one way: messages <- runtime <- actors <- apps, and tests see all of them.
#include "tests/tidy/source_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace us::tidy {
namespace {

constexpr std::array<std::string_view, 5> layers{"messages", "runtime", "actors", "apps", "tests"};
/// Folders of actors/ that serve every pattern. Each other one holds a pattern.
constexpr std::array<std::string_view, 3> shared_actors{"actors/app", "actors/client",
                                                        "actors/simulation"};

/// The first `parts` folders of a path.
std::string_view folder_of(std::string_view path, int parts) {
  std::size_t end = 0;
  for (int i = 0; i < parts; ++i) {
    const auto next = path.find('/', end + (i > 0 ? 1 : 0));
    if (next == std::string_view::npos) break;
    end = next;
  }
  return path.substr(0, end);
}

std::ptrdiff_t layer_of(std::string_view path) {
  return std::ranges::find(layers, folder_of(path, 1)) - layers.begin();
}

template <class Allowed>
void expect_includes(std::string_view folder, Allowed allowed, const std::string& rule) {
  for (const auto& file : source_tree()) {
    if (!file.in(folder) || !file.cpp()) continue;
    for (const auto& include : file.includes)
      EXPECT_TRUE(allowed(file, include)) << file.path << " includes " << include << ": " << rule;
  }
}

bool in_family(std::string_view path) {
  return path.starts_with("runtime/live/") || path.starts_with("runtime/simulation/") ||
         path.starts_with("runtime/rocks/");
}

bool is_pattern(std::string_view path) {
  return path.starts_with("actors/") && folder_of(path, 2) != "actors" &&
         std::ranges::find(shared_actors, folder_of(path, 2)) == shared_actors.end();
}

/// A singleton is an active-passive group whose active holds an actor's life instead of addresses;
/// addresses that follow a leader are one whose active is chosen by another group.
bool stands_on(std::string_view path, std::string_view other) {
  return (path.starts_with("actors/singleton/") || path.starts_with("actors/leader_address/")) &&
         other.starts_with("actors/active_passive/");
}

TEST(Includes, NameFilesFromTheRoot) {
  expect_includes(
      "", [](auto&, std::string_view include) { return layer_of(include) < std::ssize(layers); },
      "paths start at the project's root");
}

TEST(Includes, BeginWithTheOwnHeader) {
  for (const auto& file : source_tree()) {
    const auto own = file.path.substr(0, file.path.rfind('.')) + ".hpp";
    const bool has_own =
        std::ranges::any_of(source_tree(), [&](const auto& other) { return other.path == own; });
    if (file.header() || !file.cpp() || !has_own) continue;
    EXPECT_EQ(file.includes.empty() ? "" : file.includes.front(), own) << file.path;
  }
}

TEST(Includes, GoOneWayThroughTheLayers) {
  expect_includes(
      "",
      [](auto& file, std::string_view include) { return layer_of(include) <= layer_of(file.path); },
      "messages <- runtime <- actors <- apps");
}

TEST(Includes, OfActorsStopAtThePorts) {
  expect_includes(
      "actors/",
      [](auto& file, std::string_view include) {
        return file.in("actors/app/") || file.in("actors/simulation/") || !in_family(include);
      },
      "actors know runtime/ports, not what is behind them");
}

TEST(Includes, OfRuntimeStayOutOfTheFamiliesBehindThePorts) {
  expect_includes(
      "runtime/",
      [](auto& file, std::string_view include) {
        return !in_family(include) || folder_of(include, 2) == folder_of(file.path, 2);
      },
      "live and simulation are known to programs only");
}

TEST(Includes, OfOnePatternNameNoOther) {
  expect_includes(
      "actors/",
      [](auto& file, std::string_view include) {
        return !is_pattern(file.path) || !is_pattern(include) ||
               folder_of(include, 2) == folder_of(file.path, 2) || stands_on(file.path, include);
      },
      "patterns do not build on each other");
}

TEST(Includes, OfPatternsDoNotReachForTheProgram) {
  expect_includes(
      "actors/",
      [](auto& file, std::string_view include) {
        return !is_pattern(file.path) || !include.starts_with("actors/app/");
      },
      "actors/app starts patterns, not the other way");
}

}  // namespace
}  // namespace us::tidy
