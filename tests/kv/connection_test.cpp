#include "apps/kv/connection.hpp"

#include <capnp/message.h>
#include <gtest/gtest.h>

#include "apps/kv/kv.capnp.h"

namespace kv {
namespace {

class conversation {
 public:
  void hear(std::string_view bytes) { talk.receive({bytes.data(), bytes.size()}); }
  /// The commands handed out, as words.
  std::vector<std::string> advance() {
    std::vector<std::string> taken;
    talk.advance(facts, [&](std::uint32_t i, std::span<const std::string_view> arguments) {
      EXPECT_GE(i, taken.size());
      std::string words;
      for (auto argument : arguments) words.append(words.empty() ? "" : " ").append(argument);
      taken.push_back(words);
      indexes.push_back(i);
      return nullptr;
    });
    talk.settle();
    return taken;
  }
  void answer(std::uint32_t i, std::int64_t number) {
    capnp::MallocMessageBuilder message;
    message.initRoot<Answer>().setInteger(number);
    talk.answer(i, message.getRoot<Answer>().asReader());
  }
  std::string said() { return std::exchange(talk.output(), {}); }

  edge_facts facts;
  connection talk{session{}};
  std::vector<std::uint32_t> indexes;
};

TEST(Connection, RepliesInTheOrderOfTheCommandsWhateverTheOrderOfTheOutcomes) {
  conversation c;
  c.hear("GET a\r\nPING\r\nGET b\r\nFOO\r\nGET d\r\nECHO x\r\n");
  EXPECT_EQ(c.advance(), (std::vector<std::string>{"GET a", "GET b", "GET d"}));
  EXPECT_EQ(c.said(), "");
  c.answer(c.indexes[2], 3);
  c.answer(c.indexes[1], 2);
  EXPECT_EQ(c.said(), "");
  EXPECT_TRUE(c.talk.busy());
  c.answer(c.indexes[0], 1);
  EXPECT_EQ(c.said(),
            ":1\r\n+PONG\r\n:2\r\n-ERR unknown command 'FOO', with args beginning with: \r\n:3\r\n"
            "$1\r\nx\r\n");
  EXPECT_FALSE(c.talk.busy());
}

TEST(Connection, HandsNothingOutWhileCommandsAreUnderWay) {
  conversation c;
  c.hear("GET a\r\n");
  EXPECT_EQ(c.advance().size(), 1u);
  c.hear("GET b\r\nGET c\r\n");
  EXPECT_TRUE(c.advance().empty());
  EXPECT_TRUE(c.talk.has_input());
  c.answer(0, 1);
  EXPECT_EQ(c.advance(), (std::vector<std::string>{"GET b", "GET c"}));
  EXPECT_FALSE(c.talk.has_input());
}

TEST(Connection, AnswersInTheVersionThatWasInForceWhenTheCommandCame) {
  conversation c;
  c.hear("GET a\r\nHELLO 3\r\nGET b\r\n");
  c.advance();
  capnp::MallocMessageBuilder nil;
  nil.initRoot<Answer>().setNil();
  for (auto i : c.indexes) c.talk.answer(i, nil.getRoot<Answer>().asReader());
  const auto said = c.said();
  EXPECT_TRUE(said.starts_with("$-1\r\n%7\r\n")) << said;
  EXPECT_TRUE(said.ends_with("_\r\n")) << said;
}

TEST(Connection, ClosesAfterQuitOnceEverythingIsSaid) {
  conversation c;
  c.hear("GET a\r\nQUIT\r\nGET b\r\n");
  EXPECT_EQ(c.advance().size(), 1u);
  EXPECT_TRUE(c.talk.closing());
  EXPECT_FALSE(c.talk.violated());
  c.answer(0, 1);
  EXPECT_EQ(c.said(), ":1\r\n+OK\r\n");
  EXPECT_TRUE(c.advance().empty());
}

TEST(Connection, ClosesAfterAProtocolError) {
  conversation c;
  c.hear("PING\r\n*1\r\n$629145600\r\n");
  c.advance();
  EXPECT_EQ(c.said(), "+PONG\r\n-ERR Protocol error: invalid bulk length\r\n");
  EXPECT_TRUE(c.talk.closing());
  EXPECT_TRUE(c.talk.violated());
}

TEST(Connection, ClosesWithoutAWordOnABrowser) {
  conversation c;
  c.hear("POST / HTTP/1.1\r\nHost: x\r\n\r\nFLUSHALL\r\n");
  EXPECT_TRUE(c.advance().empty());
  EXPECT_TRUE(c.talk.closing());
  EXPECT_EQ(c.said(), "");
}

TEST(Connection, TakesNoFurtherCommandWhileMuchOutputWaits) {
  conversation c;
  const std::string echo = "ECHO " + std::string(60'000, 'x') + "\r\n";
  for (int i = 0; i < 40; ++i) c.hear(echo);
  c.advance();
  EXPECT_LT(c.talk.output().size(), connection::output_pause_bytes + 70'000);
  EXPECT_TRUE(c.talk.has_input());
  c.said();
  c.advance();
  c.said();
  c.advance();
  EXPECT_FALSE(c.talk.has_input());
}

TEST(Connection, SizesItsBatchesByTheRepliesBefore) {
  conversation c;
  for (int i = 0; i < 3000; ++i) c.hear("GET a\r\n");
  const auto first = c.advance().size();  // nothing is known yet: careful
  EXPECT_EQ(first, 64u);
  for (std::uint32_t i = 0; i < first; ++i) c.answer(i, 1);
  std::size_t largest = first;
  while (c.talk.has_input()) {
    const auto taken = c.advance().size();
    largest = std::max(largest, taken);
    for (std::uint32_t i = 0; i < taken; ++i) c.answer(i, 1);
  }
  EXPECT_EQ(largest, connection::batch_commands_max);
}

TEST(Connection, TakesARefusalForNoShortReply) {
  conversation c;
  for (int i = 0; i < 3000; ++i) c.hear("GET a\r\n");
  const auto first = c.advance().size();
  for (std::uint32_t i = 0; i < first; ++i) c.talk.refuse(i, "TRYAGAIN nobody leads");
  EXPECT_EQ(c.advance().size(), first) << "nothing more is known of how long the values are";
}

TEST(Connection, AnswersAtOnceWhatIsNotTaken) {
  conversation c;
  c.hear("GET a\r\nPING\r\n");
  c.talk.advance(c.facts, [](auto, auto) { return "TRYAGAIN this node is stopping"; });
  EXPECT_EQ(c.said(), "-TRYAGAIN this node is stopping\r\n+PONG\r\n");
  EXPECT_FALSE(c.talk.busy());
}

TEST(Connection, KeepsNoMemoryOfALargeCommand) {
  conversation c;
  c.hear("*2\r\n$4\r\nECHO\r\n$8000000\r\n");
  const std::string large(8'000'000, 'x');
  c.hear(large);
  c.hear("\r\n");
  c.advance();
  c.said();
  c.talk.shrink();
  EXPECT_EQ(c.talk.input_bytes(), 0u);
}

}  // namespace
}  // namespace kv
