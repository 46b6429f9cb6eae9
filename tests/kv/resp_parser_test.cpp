#include "apps/kv/resp_parser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kv {
namespace {

using command_list = std::vector<std::vector<std::string>>;

struct parsed {
  command_list commands;
  std::string error;
  std::size_t kept = 0;  ///< bytes of an unfinished command

  friend bool operator==(const parsed&, const parsed&) = default;
};

// Feeds the pieces as a connection does: appends, parses, drops what is consumed.
parsed parse(const std::vector<std::string>& pieces, std::size_t bytes_max = 1u << 20) {
  resp_parser parser{bytes_max};
  parsed result;
  std::string input;
  for (const auto& piece : pieces) {
    input += piece;
    for (;;) {
      const auto got = parser.next(input);
      if (got == resp_parser::result::command) {
        auto& into = result.commands.emplace_back();
        for (std::size_t i = 0; i < parser.count(); ++i)
          into.emplace_back(parser.argument(input, i));
      }
      input.erase(0, parser.consumed());
      if (got == resp_parser::result::failed) {
        result.error = parser.error();
        return result;
      }
      if (got == resp_parser::result::incomplete) break;
    }
  }
  result.kept = input.size();
  return result;
}

constexpr char stream[] =
    "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\na\r\nb\r\n"
    "\r\n  \r\n"
    "PING\r\n"
    "*0\r\n*-1\r\n"
    "set \"a \\x41\\n\" 'it\\'s'\n"
    "*2\r\n$4\r\necho\r\n$0\r\n\r\n"
    "*1\r\n$4\r\nquit\r\n"
    "*2\r\n$3\r\nGE";

const command_list stream_commands = {
    {"SET", "k", "a\r\nb"}, {"PING"}, {"set", "a A\n", "it's"}, {"echo", ""}, {"quit"}};

TEST(RespParser, ReadsTheSameHoweverTheBytesAreSplit) {
  const std::string bytes = stream;
  const auto whole = parse({bytes});
  EXPECT_EQ(whole.commands, stream_commands);
  EXPECT_EQ(whole.error, "");
  for (std::size_t i = 0; i <= bytes.size(); ++i)
    for (std::size_t j = i; j <= bytes.size(); ++j)
      ASSERT_EQ(parse({bytes.substr(0, i), bytes.substr(i, j - i), bytes.substr(j)}), whole)
          << "split at " << i << " and " << j;
}

TEST(RespParser, ReadsOneByteAtATime) {
  std::vector<std::string> pieces;
  for (char c : std::string{stream}) pieces.emplace_back(1, c);
  EXPECT_EQ(parse(pieces).commands, stream_commands);
}

TEST(RespParser, KeepsNothingButTheUnfinishedCommand) {
  EXPECT_EQ(parse({"PING\r\n*2\r\n$3\r\nGE"}).kept, std::string{"*2\r\n$3\r\nGE"}.size());
  EXPECT_EQ(parse({"PING\r\n"}).kept, 0u);
  EXPECT_EQ(parse({"\r\n\r\n*0\r\n"}).kept, 0u);
}

struct refusal {
  std::string bytes;
  const char* error;
};

TEST(RespParser, RefusesWhatIsAnnouncedTooLargeBeforeItComes) {
  const std::string prefix = "ERR Protocol error: ";
  const refusal refusals[] = {
      {"*1\r\n$629145600\r\n", "invalid bulk length"},
      {"*1\r\n$99999999999999999999\r\n", "invalid bulk length"},
      {"*1\r\n$-1\r\n", "invalid bulk length"},
      {"*1\r\n$\r\n", "invalid bulk length"},
      {"*1048577\r\n", "invalid multibulk length"},
      {"*99999999999\r\n", "invalid multibulk length"},
      {"*x\r\n", "invalid multibulk length"},
      {"*1\r\nPING\r\n", "expected '$', got 'P'"},
      {"*1\r\n\r\n", "expected '$', got ' '"},
      {"set \"a\r\n", "unbalanced quotes in request"},
      {"set 'a'b\r\n", "unbalanced quotes in request"},
      {std::string(65537, 'a'), "too big inline request"},
      {"*" + std::string(65537, '1'), "too big mbulk count string"},
      {"*1\r\n$" + std::string(65537, '1'), "too big bulk count string"},
      {"*3\r\n$1048576\r\n" + std::string(1048576, 'x') + "\r\n$1048576\r\n",
       "a command may have 1048576 bytes"},
  };
  for (const auto& each : refusals) {
    const auto got = parse({each.bytes});
    EXPECT_EQ(got.error, prefix + each.error) << each.bytes.substr(0, 40);
    EXPECT_TRUE(got.commands.empty());
  }
}

TEST(RespParser, ReadsNothingAfterAnError) {
  EXPECT_TRUE(parse({"*x\r\n", "PING\r\n"}).commands.empty());
}

TEST(RespParser, TakesQuotesOffInPlace) {
  EXPECT_EQ(parse({"a\"b\\\"c\" \"\" '' x\n"}).commands, (command_list{{"ab\"c", "", "", "x"}}));
  EXPECT_EQ(parse({"\"\\xzz\\q\"\n"}).commands, (command_list{{"xzzq"}}));
  EXPECT_EQ(parse({std::string{"a\0b c\n", 6}}).commands, (command_list{{"a"}}));
}

TEST(RespParser, AllowsLargeCommandsUpToItsBound) {
  const std::string value(1u << 20, 'v');
  const auto bytes =
      "*2\r\n$3\r\nSET\r\n$" + std::to_string(value.size()) + "\r\n" + value + "\r\n";
  EXPECT_EQ(parse({bytes}).commands.at(0).at(1), value);
}

}  // namespace
}  // namespace kv
