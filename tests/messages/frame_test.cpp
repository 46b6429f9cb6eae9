#include "tests/messages/frame_samples.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <thread>

namespace us::test {
namespace {

TEST(Frame, CarriesItsEnvelopeAndBody) {
  const auto f = hello_frame("a");
  EXPECT_EQ(f.type(), capnp::typeId<message::Hello>());
  EXPECT_EQ(f.head().from, (address{node_id{11}, actor_key{12}}));
  EXPECT_EQ(f.head().to, actor_key{13});
  EXPECT_EQ(f.head().epoch, epoch{14});
  opened_frame opened{f};
  EXPECT_EQ(opened.body<message::Hello>().getNode(), "a");
}

TEST(Frame, IsEmptyWhenMadeFromNothing) {
  const frame nothing;
  EXPECT_TRUE(nothing.empty());
  EXPECT_EQ(nothing.size(), 0u);
  EXPECT_TRUE(nothing.payload().empty());
  EXPECT_EQ(nothing.words().size(), 0u);
  EXPECT_EQ(to_string(nothing), "frame()");
}

TEST(Frame, CopiesThePointerNotTheBytes) {
  const auto f = hello_frame("a");
  const auto copy = f;
  EXPECT_EQ(copy.payload().data(), f.payload().data());
}

TEST(Frame, PayloadIsAlignedForItsReaders) {
  for (unsigned count : {0u, 1u, 7u, 100u}) {
    const auto f = append_frame(count, 13);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(f.payload().data()) % 8, 0u);
    EXPECT_EQ(f.payload().size() % 8, 0u);
  }
}

TEST(Frame, DecodesToWhatWasBuilt) {
  const auto f = append_frame(3, 100);
  frame decoded;
  ASSERT_EQ(frame::decode(f.payload(), {}, decoded), frame_error::none);
  EXPECT_EQ(decoded.type(), f.type());
  EXPECT_EQ(decoded.head().from, f.head().from);
  EXPECT_EQ(decoded.head().to, f.head().to);
  EXPECT_EQ(decoded.head().epoch, f.head().epoch);
  EXPECT_TRUE(std::ranges::equal(decoded.payload(), f.payload()));
  opened_frame opened{decoded};
  EXPECT_EQ(opened.body<message::AppendRequest>().getEntries().size(), 3u);
}

TEST(Frame, DecodesFromUnalignedBytes) {
  const auto f = hello_frame("a");
  bytes shifted(f.size() + 1);
  std::ranges::copy(f.payload(), shifted.begin() + 1);
  frame decoded;
  ASSERT_EQ(frame::decode(std::span{shifted}.subspan(1), {}, decoded), frame_error::none);
  opened_frame opened{decoded};
  EXPECT_EQ(opened.body<message::Hello>().getNode(), "a");
}

TEST(Frame, OfSeveralSegmentsIsOneStreamMessage) {
  for (std::size_t hint : {0u, 1u, 64u, 4096u}) {
    const auto f = append_frame(200, 300, hint);
    frame decoded;
    ASSERT_EQ(frame::decode(f.payload(), {}, decoded), frame_error::none) << hint;
    opened_frame opened{decoded};
    const auto entries = opened.body<message::AppendRequest>().getEntries();
    ASSERT_EQ(entries.size(), 200u);
    for (auto entry : entries) {
      ASSERT_EQ(entry.size(), 300u);
      EXPECT_EQ(entry[299], 'e');
    }
  }
}

TEST(Frame, WithAGoodHintIsOneSegment) {
  const auto f = append_frame(10, 80, 10 * 10 + 20);
  std::uint32_t segments_less_one = 1;
  std::memcpy(&segments_less_one, f.payload().data(), sizeof segments_less_one);
  EXPECT_EQ(segments_less_one, 0u);
}

TEST(Frame, WithAnEmptyBodyStructIsAFrame) {
  const auto f = make_frame<message::LeadNow>(sample_envelope(), [](auto) {});
  frame decoded;
  EXPECT_EQ(frame::decode(f.payload(), {}, decoded), frame_error::none);
}

TEST(Frame, IsReadByManyThreadsAtOnce) {
  const auto f = append_frame(50, 50);
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i)
    readers.emplace_back([f] {
      for (int round = 0; round < 200; ++round) {
        opened_frame opened{f};
        EXPECT_EQ(opened.body<message::AppendRequest>().getEntries()[49].size(), 50u);
      }
    });
  for (auto& reader : readers) reader.join();
}

TEST(Frame, AllowsReadingEverythingSeveralTimes) {
  const auto f = append_frame(1000, 200);
  opened_frame opened{f};
  for (int round = 0; round < 8; ++round) {
    std::size_t sum = 0;
    for (auto entry : opened.body<message::AppendRequest>().getEntries()) sum += entry.size();
    EXPECT_EQ(sum, 200'000u);
  }
}

}  // namespace
}  // namespace us::test
