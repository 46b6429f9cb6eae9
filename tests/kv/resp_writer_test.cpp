#include "apps/kv/resp_writer.hpp"

#include <capnp/message.h>
#include <gtest/gtest.h>

#include <functional>

namespace kv {
namespace {

std::string written(bool resp3, const std::function<void(resp_writer&)>& write) {
  std::string out;
  resp_writer writer{out, resp3};
  write(writer);
  return out;
}

std::string answered(bool resp3, const std::function<void(Answer::Builder)>& fill) {
  capnp::MallocMessageBuilder message;
  fill(message.initRoot<Answer>());
  return written(resp3, [&](resp_writer& w) { w.answer(message.getRoot<Answer>().asReader()); });
}

TEST(RespWriter, WritesEveryKindOfAnswer) {
  EXPECT_EQ(answered(false, [](auto a) { a.setNil(); }), "$-1\r\n");
  EXPECT_EQ(answered(true, [](auto a) { a.setNil(); }), "_\r\n");
  EXPECT_EQ(answered(false, [](auto a) { a.setOk(); }), "+OK\r\n");
  EXPECT_EQ(answered(false, [](auto a) { a.setSimple("string"); }), "+string\r\n");
  EXPECT_EQ(answered(false, [](auto a) { a.setError("ERR no"); }), "-ERR no\r\n");
  EXPECT_EQ(answered(false, [](auto a) { a.setInteger(INT64_MIN); }), ":-9223372036854775808\r\n");
  EXPECT_EQ(answered(false, [](auto a) { a.initBulk(0); }), "$0\r\n\r\n");
  EXPECT_EQ(answered(false, [](auto a) { a.setDouble(1.5); }), "$3\r\n1.5\r\n");
  EXPECT_EQ(answered(true, [](auto a) { a.setDouble(1.5); }), ",1.5\r\n");
  EXPECT_EQ(answered(false, [](auto a) { a.initArray(2)[1].setInteger(7); }),
            "*2\r\n$-1\r\n:7\r\n");
}

TEST(RespWriter, AnErrorStaysOneLine) {
  EXPECT_EQ(written(false, [](auto& w) { w.error("ERR a\r\nb"); }), "-ERR a  b\r\n");
}

TEST(RespWriter, UsesTheTypesOfEachVersion) {
  EXPECT_EQ(written(false, [](auto& w) { w.map(2); }), "*4\r\n");
  EXPECT_EQ(written(true, [](auto& w) { w.map(2); }), "%2\r\n");
  EXPECT_EQ(written(false, [](auto& w) { w.set(2); }), "*2\r\n");
  EXPECT_EQ(written(true, [](auto& w) { w.set(2); }), "~2\r\n");
  EXPECT_EQ(written(false, [](auto& w) { w.verbatim("ab"); }), "$2\r\nab\r\n");
  EXPECT_EQ(written(true, [](auto& w) { w.verbatim("ab"); }), "=6\r\ntxt:ab\r\n");
}

}  // namespace
}  // namespace kv
