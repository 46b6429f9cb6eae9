// What the launcher does to its children's output.
#include "actors/app/child_process.hpp"
#include "actors/app/terminal.hpp"

#include <gtest/gtest.h>

namespace {

TEST(LineSplitter, GivesWholeLinesOnly) {
  us::line_splitter lines;
  lines.buffer() += "one\ntw";
  EXPECT_EQ(lines.next(), "one");
  EXPECT_EQ(lines.next(), std::nullopt);
  lines.buffer() += "o\n\nrest";
  EXPECT_EQ(lines.next(), "two");
  EXPECT_EQ(lines.next(), "");
  EXPECT_EQ(lines.next(), std::nullopt);
  EXPECT_EQ(lines.rest(), "rest");
  EXPECT_EQ(lines.rest(), "");
}

TEST(LineSplitter, CutsALineWithoutEnd) {
  us::line_splitter lines;
  lines.buffer().assign(us::line_splitter::line_max + 5, 'x');
  EXPECT_EQ(lines.next()->size(), us::line_splitter::line_max);
  EXPECT_EQ(lines.next(), std::nullopt);
  EXPECT_EQ(lines.rest(), "xxxxx");
}

TEST(Terminal, HoldsABoundedAmountForASlowReader) {
  us::terminal terminal;
  EXPECT_FALSE(terminal.waiting());
  for (int i = 0; i < 3; ++i) terminal.line(std::string(us::terminal::waiting_max / 2, 'x'));
  EXPECT_TRUE(terminal.waiting());
}

TEST(ChildProcess, DescribesHowItEnded) {
  EXPECT_EQ(us::describe_end(0x0200), "exit code 2");
  EXPECT_EQ(us::describe_end(9), "signal 9 (Killed)");
}

}  // namespace
