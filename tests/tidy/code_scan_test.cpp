#include "tests/tidy/source_tree.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace us::tidy {
namespace {

std::vector<std::size_t> sizes(std::string_view code) {
  std::vector<std::size_t> found;
  for (const auto& each : functions_of(blank_comments_and_literals(code)))
    found.push_back(each.lines);
  return found;
}

TEST(CodeScan, BlanksCommentsAndLiterals) {
  EXPECT_EQ(blank_comments_and_literals("a // b\nc"), "a     \nc");
  EXPECT_EQ(blank_comments_and_literals("a /* b\n */ c"), "a     \n    c");
  EXPECT_EQ(blank_comments_and_literals(R"x(f("\"{", '{') 1'000)x"), "f(     ,    ) 1'000");
  EXPECT_EQ(blank_comments_and_literals("R\"(a\")\" b"), "        b");
}

TEST(CodeScan, FindsFunctionsAtNamespaceAndClassScope) {
  EXPECT_THAT(sizes("namespace a {\nvoid f() {\n  if (x) {\n  }\n}\n}"), testing::ElementsAre(4));
  EXPECT_THAT(sizes("struct s {\n int f() const { return 1; }\n int x = 1;\n};"),
              testing::ElementsAre(1));
  EXPECT_THAT(sizes("int table[] = {1, 2};\nenum class e { a, b };"), testing::ElementsAre());
}

TEST(CodeScan, MeasuresConstructorsByTheirBodies) {
  EXPECT_THAT(sizes("s::s(int a)\n    : a_{a}, b_(1) {\n  f();\n}"), testing::ElementsAre(3));
}

TEST(CodeScan, LeavesOutMacros) {
  EXPECT_THAT(sizes("#define f(x) { \\\n  {x}\nvoid g() {\n}"), testing::ElementsAre(2));
}

}  // namespace
}  // namespace us::tidy
