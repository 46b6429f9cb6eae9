#include "actors/app/json.hpp"

#include <capnp/message.h>
#include <gtest/gtest.h>

#include <limits>

#include "messages/status.capnp.h"
#include "tests/app/json_test.capnp.h"

namespace {

using json_test::Everything;

struct parsed {
  capnp::MallocMessageBuilder memory;
  us::status outcome = us::done{};

  explicit parsed(std::string_view text, us::unknown_members unknown = us::unknown_members::refuse)
      : outcome(us::from_json(text, memory.initRoot<Everything>(), unknown)) {}
  Everything::Reader value() { return memory.getRoot<Everything>(); }
  std::string error() const { return outcome ? "accepted" : outcome.error().text; }
};

TEST(Json, WritesSixtyFourBitIntegersAsExactNumbers) {
  capnp::MallocMessageBuilder memory;
  auto value = memory.initRoot<Everything>();
  value.setSigned(std::numeric_limits<std::int64_t>::min());
  value.setUnsigned(std::numeric_limits<std::uint64_t>::max());
  auto list = value.initList(2);
  list.set(0, 1'000'000'000'000'000);
  list.set(1, 9'007'199'254'740'993);
  value.initInner().setRenamed(7);
  auto text = us::to_json(value.asReader());
  EXPECT_NE(text.find("\"signed\":-9223372036854775808,"), std::string::npos) << text;
  EXPECT_NE(text.find("\"unsigned\":18446744073709551615,"), std::string::npos) << text;
  EXPECT_NE(text.find("\"list\":[1000000000000000,9007199254740993]"), std::string::npos) << text;
  EXPECT_NE(text.find("\"inner\":{\"other_name\":7}"), std::string::npos) << text;
}

TEST(Json, ReadsIntegersFromNumbersAndStrings) {
  parsed p{R"({"signed":-5,"unsigned":"18446744073709551615","list":[3,"9007199254740993"]})"};
  ASSERT_TRUE(p.outcome) << p.error();
  EXPECT_EQ(p.value().getSigned(), -5);
  EXPECT_EQ(p.value().getUnsigned(), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(p.value().getList()[0], 3u);
  EXPECT_EQ(p.value().getList()[1], 9'007'199'254'740'993u);
}

TEST(Json, RefusesIntegersThatWouldBeChanged) {
  EXPECT_NE(parsed{R"({"signed":1.5})"}.error().find("must be an integer"), std::string::npos);
  EXPECT_NE(parsed{R"({"unsigned":-1})"}.error().find("must not be negative"), std::string::npos);
  EXPECT_NE(parsed{R"({"signed":1e300})"}.error().find("as strings"), std::string::npos);
  EXPECT_NE(parsed{R"({"signed":"12x"})"}.error().find("not a 64-bit integer"), std::string::npos);
  EXPECT_NE(parsed{R"({"unsigned":"-1"})"}.error().find("not a 64-bit integer"), std::string::npos);
}

TEST(Json, CarriesDataAsTextOrBytes) {
  parsed p{R"({"data":"h\u00e9","blobs":["SET",[0,255]]})"};
  ASSERT_TRUE(p.outcome) << p.error();
  EXPECT_EQ(p.value().getData().size(), 3u);
  EXPECT_EQ(p.value().getBlobs()[1].size(), 2u);
  auto text = us::to_json(p.value());
  EXPECT_NE(text.find("\"blobs\":[\"SET\",[0,255]]"), std::string::npos) << text;
  EXPECT_NE(parsed{R"({"data":[256]})"}.error().find("must be a byte"), std::string::npos);
  EXPECT_NE(parsed{R"({"data":7})"}.error().find("must be a string"), std::string::npos);
}

TEST(Json, ReadsEscapedCharactersAsUtf8) {
  parsed p{R"({"text":"\u00e9\u4e2d\ud83d\ude00\u0041\\u00e9\ud83d!"})"};
  ASSERT_TRUE(p.outcome) << p.error();
  EXPECT_EQ(std::string_view{p.value().getText().cStr()},
            "\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80"
            "A\\u00e9\xef\xbf\xbd!");
}

TEST(Json, RefusesUnknownMembersUnlessToldToSkipThem) {
  parsed refused{R"({"sined":1})"};
  EXPECT_NE(refused.error().find("sined"), std::string::npos) << refused.error();
  parsed skipped{R"({"sined":1,"small":2})", us::unknown_members::skip};
  ASSERT_TRUE(skipped.outcome);
  EXPECT_EQ(skipped.value().getSmall(), 2);
}

TEST(Json, RefusesWhatIsNoJsonObjectInOneLine) {
  for (auto text : {"", "{", "[]", "7", "{\"signed\":}", "{\"text\":7}", "\xff", "{} {}"}) {
    parsed p{text};
    EXPECT_FALSE(p.outcome) << text;
    EXPECT_EQ(p.error().find('\n'), std::string::npos) << p.error();
  }
}

TEST(Json, RefusesNestingWithoutEnd) {
  EXPECT_FALSE(parsed{std::string(100'000, '[')}.outcome);
  EXPECT_FALSE(parsed{"{\"list\":" + std::string(100'000, '[')}.outcome);
}

TEST(Json, QuotesText) {
  EXPECT_EQ(us::to_json(std::string_view{"a\"b\n"}), R"("a\"b\n")");
}

}  // namespace
