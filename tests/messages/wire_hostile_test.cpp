#include "tests/messages/frame_samples.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

namespace us::test {
namespace {

bytes header_of(std::uint32_t size, std::uint32_t checksum) {
  bytes made(8);
  std::memcpy(made.data(), &size, 4);
  std::memcpy(made.data() + 4, &checksum, 4);
  return made;
}

TEST(HostileStream, EndsAtALengthBeyondTheLimit) {
  const auto result = read_all(header_of(4096, 0), {.bytes_max = 4095});
  EXPECT_EQ(result.ended, frame_error::oversized);
}

TEST(HostileStream, EndsAtALengthThatIsNoWholeNumberOfWords) {
  EXPECT_EQ(read_all(header_of(0, 0)).ended, frame_error::corrupted);
  EXPECT_EQ(read_all(header_of(12, 0)).ended, frame_error::corrupted);
}

TEST(HostileStream, EndsAsSoonAsTheHeaderIsBad) {
  wire_reader reader;
  reading result;
  const auto header = header_of(0xffffffff, 0);
  feed(reader, std::span{header}.first(7), result);
  EXPECT_EQ(result.ended, frame_error::none);
  feed(reader, std::span{header}.last(1), result);
  EXPECT_EQ(result.ended, frame_error::oversized);
}

TEST(HostileStream, StaysEndedWhateverFollows) {
  wire_reader reader;
  reading result;
  feed(reader, header_of(12, 0), result);
  feed(reader, stream_of({hello_frame("a")}), result);
  EXPECT_EQ(result.ended, frame_error::corrupted);
  EXPECT_TRUE(result.frames.empty());
}

TEST(HostileStream, BuffersNothingForALengthThatIsOnlyClaimed) {
  wire_reader reader;
  reading result;
  feed(reader, header_of(64u << 20, 0), result);
  EXPECT_EQ(result.ended, frame_error::none);
  EXPECT_EQ(reader.buffered(), 8u);
}

TEST(HostileStream, GivesTheFramesBeforeTheDamage) {
  auto stream = stream_of({hello_frame("a"), hello_frame("b")});
  stream.back() ^= std::byte{1};
  const auto result = read_all(stream);
  EXPECT_EQ(result.ended, frame_error::corrupted);
  EXPECT_EQ(result.frames.size(), 1u);
}

TEST(HostileStream, SkipsAMalformedFrameUnderAValidChecksum) {
  auto stream = stream_of({hello_frame("a")});
  const auto bad = sealed(bytes(64, std::byte{0x5a}));
  stream.insert(stream.end(), bad.begin(), bad.end());
  append_to(stream, hello_frame("b"));
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    wire_reader reader;
    reading result;
    feed(reader, std::span{stream}.first(cut), result);
    feed(reader, std::span{stream}.subspan(cut), result);
    EXPECT_EQ(result.ended, frame_error::none);
    EXPECT_EQ(result.bad, std::vector{frame_error::malformed}) << cut;
    EXPECT_EQ(result.frames.size(), 2u) << cut;
  }
}

TEST(HostileStream, NeverGivesAFrameWithABitFlipped) {
  const auto sound = stream_of({append_frame(2, 30)});
  for (std::size_t bit = 0; bit < sound.size() * 8; ++bit) {
    auto damaged = sound;
    damaged[bit / 8] ^= std::byte{1} << (bit % 8);
    EXPECT_TRUE(read_all(damaged).frames.empty()) << bit;
  }
}

TEST(HostileStream, OfRandomBytesGivesNothing) {
  std::mt19937 random{99};
  for (int round = 0; round < 2000; ++round) {
    bytes noise(random() % 300);
    for (auto& each : noise) each = static_cast<std::byte>(random());
    EXPECT_TRUE(read_all(noise).frames.empty());
  }
}

}  // namespace
}  // namespace us::test
