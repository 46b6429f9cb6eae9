#include "tests/messages/frame_samples.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace us::test {
namespace {

bool same(const frame& left, const frame& right) {
  return std::ranges::equal(left.payload(), right.payload());
}

std::vector<frame> some_frames() {
  return {hello_frame("a"), append_frame(0, 0), append_frame(40, 200), hello_frame("bb"),
          append_frame(1, 1)};
}

void expect_equal(const std::vector<frame>& read, const std::vector<frame>& sent) {
  ASSERT_EQ(read.size(), sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) EXPECT_TRUE(same(read[i], sent[i])) << i;
}

TEST(WireReader, ReadsFramesInOrder) {
  const auto result = read_all(stream_of(some_frames()));
  EXPECT_EQ(result.ended, frame_error::none);
  EXPECT_TRUE(result.bad.empty());
  expect_equal(result.frames, some_frames());
}

TEST(WireReader, ReadsNothingFromNothing) {
  const auto result = read_all({});
  EXPECT_EQ(result.ended, frame_error::none);
  EXPECT_TRUE(result.frames.empty());
}

TEST(WireReader, ReadsTheSameForEverySplitInTwo) {
  const std::vector<frame> sent{hello_frame("a"), append_frame(3, 20), hello_frame("b")};
  const auto stream = stream_of(sent);
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    wire_reader reader;
    reading result;
    feed(reader, std::span{stream}.first(cut), result);
    feed(reader, std::span{stream}.subspan(cut), result);
    ASSERT_EQ(result.ended, frame_error::none) << cut;
    expect_equal(result.frames, sent);
    EXPECT_EQ(reader.buffered(), 0u);
  }
}

TEST(WireReader, ReadsTheSameByteByByte) {
  wire_reader reader;
  reading result;
  const auto stream = stream_of(some_frames());
  for (std::size_t i = 0; i < stream.size(); ++i) feed(reader, std::span{stream}.subspan(i, 1), result);
  expect_equal(result.frames, some_frames());
}

TEST(WireReader, ReadsTheSameInRandomPieces) {
  std::mt19937 random{7};
  std::vector<frame> sent;
  for (unsigned i = 0; i < 50; ++i) sent.push_back(append_frame(i % 7, random() % 500));
  const auto stream = stream_of(sent);
  for (int round = 0; round < 50; ++round) {
    wire_reader reader;
    reading result;
    for (std::size_t at = 0; at < stream.size();) {
      const auto size = std::min<std::size_t>(random() % 3000, stream.size() - at);
      feed(reader, std::span{stream}.subspan(at, size), result);
      at += size;
    }
    expect_equal(result.frames, sent);
  }
}

TEST(WireReader, BuffersOnlyThePartThatIsNotWhole) {
  const std::vector<frame> sent{hello_frame("a"), hello_frame("b")};
  const auto stream = stream_of(sent);
  wire_reader reader;
  reading result;
  feed(reader, std::span{stream}.first(stream.size() - 5), result);
  EXPECT_EQ(result.frames.size(), 1u);
  EXPECT_EQ(reader.buffered(), stream.size() / 2 - 5);
  feed(reader, std::span{stream}.last(5), result);
  EXPECT_EQ(reader.buffered(), 0u);
  expect_equal(result.frames, sent);
}

TEST(WireReader, SurvivesAFrameOfTheLargestSize) {
  const auto f = append_frame(1, 3u << 20);
  const frame_limits limits{.bytes_max = f.size()};
  const auto stream = stream_of({f, hello_frame("a")});
  wire_reader reader{limits};
  reading result;
  for (std::size_t at = 0; at < stream.size(); at += 65'536)
    feed(reader, std::span{stream}.subspan(at, std::min<std::size_t>(65'536, stream.size() - at)),
         result);
  expect_equal(result.frames, {f, hello_frame("a")});
}

TEST(WireReader, FramesOutliveTheReaderAndItsBytes) {
  frame kept;
  {
    auto stream = stream_of({hello_frame("a")});
    wire_reader reader;
    reader.consume(stream, [&](frame f) { kept = std::move(f); }, [](frame_error) {});
    std::ranges::fill(stream, std::byte{0xee});
  }
  opened_frame opened{kept};
  EXPECT_EQ(opened.body<message::Hello>().getNode(), "a");
}

}  // namespace
}  // namespace us::test
