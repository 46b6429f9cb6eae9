#include "messages/handlers.hpp"
#include "tests/messages/frame_samples.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace us::test {
namespace {

TEST(DispatchTable, CallsTheHandlerOfTheType) {
  std::string heard;
  dispatch_table table{{
      on<message::Heartbeat>([&](message::Heartbeat::Reader, const sender&) { heard += "beat"; }),
      on<message::Hello>([&](message::Hello::Reader hello, const sender& from) {
        heard += std::string{hello.getNode().cStr()};
        EXPECT_EQ(from.where(), (address{node_id{11}, actor_key{12}}));
        EXPECT_EQ(from.epoch, epoch{14});
      }),
  }};
  EXPECT_EQ(table.dispatch(hello_frame("a")), dispatch_result::handled);
  EXPECT_EQ(heard, "a");
}

TEST(DispatchTable, HandsOverTheFrameItself) {
  frame kept;
  dispatch_table table{{on_frame<message::Hello>([&](const frame& f, const sender&) { kept = f; })}};
  const auto sent = hello_frame("a");
  EXPECT_EQ(table.dispatch(sent), dispatch_result::handled);
  EXPECT_EQ(kept.payload().data(), sent.payload().data());
}

TEST(DispatchTable, KnowsWhatItDoesNotKnow) {
  EXPECT_EQ(dispatch_table{}.dispatch(hello_frame("a")), dispatch_result::unknown_type);
}

TEST(DispatchTable, ReportsABodyOfAnotherShape) {
  // A list where a struct is expected, under the type of Hello.
  auto head = sample_envelope();
  head.type = capnp::typeId<message::Hello>();
  capnp::MallocMessageBuilder builder;
  auto root = builder.initRoot<message::Envelope>();
  root.setType(head.type);
  root.getBody().initAs<capnp::List<capnp::Text>>(2);
  auto words = capnp::messageToFlatArray(builder);
  frame f;
  ASSERT_EQ(frame::decode(std::as_bytes(std::span{words.begin(), words.size()}), {}, f),
            frame_error::none);
  bool called = false;
  dispatch_table table{
      {on<message::Hello>([&](message::Hello::Reader, const sender&) { called = true; })}};
  EXPECT_EQ(table.dispatch(f), dispatch_result::malformed);
  EXPECT_FALSE(called);
}

TEST(DispatchTable, LetsTheHandlersOwnExceptionsThrough) {
  dispatch_table table{{on<message::Hello>(
      [](message::Hello::Reader, const sender&) { throw std::runtime_error{"boom"}; })}};
  EXPECT_THROW((void)table.dispatch(hello_frame("a")), std::runtime_error);
}

}  // namespace
}  // namespace us::test
