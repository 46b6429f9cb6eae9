// Sizes and shape of files: one idea a file, one role a file pair.
#include "tests/tidy/source_tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace us::tidy {
namespace {

constexpr std::size_t file_lines_max = 400;
constexpr std::size_t function_lines_max = 70;

TEST(SourceTree, WasFound) {
  const auto has = [](std::string_view folder) {
    return std::ranges::any_of(source_tree(), [&](const auto& file) { return file.in(folder); });
  };
  EXPECT_TRUE(has("messages/") && has("runtime/") && has("actors/") && has("tests/tidy/"));
}

TEST(Files, AreAtMost400LinesLong) {
  for (const auto& file : source_tree())
    EXPECT_LE(std::ranges::count(file.text, '\n'), file_lines_max)
        << file.path << ": a file that wants to be longer holds two ideas";
}

TEST(Files, HaveNoTrailingSpaceNoTabAndALineEndAtTheEnd) {
  for (const auto& file : source_tree()) {
    each_line(file.text, [&](std::string_view line, std::size_t number) {
      EXPECT_FALSE(line.ends_with(' ') || line.ends_with('\r')) << place(file, number);
      EXPECT_EQ(line.find('\t'), std::string_view::npos) << place(file, number);
    });
    EXPECT_TRUE(file.text.ends_with('\n')) << file.path;
    EXPECT_FALSE(file.text.ends_with("\n\n")) << file.path;
  }
}

TEST(Headers, BeginWithPragmaOnceAndSayWhatTheyAre) {
  for (const auto& file : source_tree())
    EXPECT_TRUE(!file.header() || file.text.starts_with("#pragma once\n///")) << file.path;
}

TEST(Headers, NeverUseANamespaceForTheirIncluders) {
  for (const auto& file : source_tree()) {
    if (!file.header()) continue;
    each_line(file.code, [&](std::string_view line, std::size_t number) {
      EXPECT_FALSE(line.starts_with("using namespace")) << place(file, number);
    });
  }
}

TEST(Schemas, SayWhatTheyAreBesideTheirId) {
  for (const auto& file : source_tree()) {
    if (!file.in("messages/") || !file.path.ends_with(".capnp")) continue;
    const auto second = file.text.substr(file.text.find('\n') + 1);
    EXPECT_TRUE(file.text.starts_with("#") || second.starts_with("#")) << file.path;
  }
}

TEST(Functions, AreAtMost70LinesLong) {
  for (const auto& file : source_tree()) {
    if (!file.cpp()) continue;
    for (const auto& found : functions_of(file.code))
      EXPECT_LE(found.lines, function_lines_max) << place(file, found.first_line);
  }
}

}  // namespace
}  // namespace us::tidy
