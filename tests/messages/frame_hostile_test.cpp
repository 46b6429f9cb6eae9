// What a peer with bad intent, or a broken one, may put under a valid checksum.
#include "tests/messages/frame_samples.hpp"

#include <capnp/any.h>
#include <gtest/gtest.h>

#include <random>

namespace us::test {
namespace {

/// A payload made word by word: segment table for one segment, then the words.
bytes payload_of(const std::vector<std::uint64_t>& words) {
  std::vector<std::uint64_t> all{static_cast<std::uint64_t>(words.size()) << 32};
  all.insert(all.end(), words.begin(), words.end());
  bytes made(all.size() * 8);
  std::memcpy(made.data(), all.data(), made.size());
  return made;
}

constexpr std::uint64_t struct_pointer(std::uint64_t offset, std::uint64_t data,
                                       std::uint64_t pointers) {
  return (offset << 2) | (data << 32) | (pointers << 48);
}
constexpr std::uint64_t pointer_list(std::uint64_t offset, std::uint64_t count) {
  return 1 | (offset << 2) | (6ull << 32) | (count << 35);
}

/// Root pointer and envelope of a sound type; the body's pointer is `body`, more words follow.
bytes payload_with_body(std::uint64_t body, const std::vector<std::uint64_t>& more = {}) {
  std::vector<std::uint64_t> words{struct_pointer(0, 5, 1), 77, 11, 12, 13, 14, body};
  words.insert(words.end(), more.begin(), more.end());
  return payload_of(words);
}

frame_error decoded(const bytes& payload, const frame_limits& limits = {}) {
  frame f;
  return frame::decode(payload, limits, f);
}

bytes bytes_of(const frame& f) {
  return {f.payload().begin(), f.payload().end()};
}

TEST(HostileFrame, MustBeWholeWords) {
  const auto whole = bytes_of(hello_frame("a"));
  EXPECT_EQ(decoded({}), frame_error::truncated);
  for (std::size_t cut = 1; cut < whole.size(); ++cut) {
    const bytes part{whole.begin(), whole.end() - static_cast<std::ptrdiff_t>(cut)};
    EXPECT_NE(decoded(part), frame_error::none) << cut;
  }
}

TEST(HostileFrame, MustNotHaveBytesBehindIt) {
  auto longer = bytes_of(hello_frame("a"));
  longer.resize(longer.size() + 8);
  EXPECT_EQ(decoded(longer), frame_error::malformed);
}

TEST(HostileFrame, MustBeWithinTheSizeLimit) {
  const auto f = append_frame(1, 1000);
  EXPECT_EQ(decoded(bytes_of(f), {.bytes_max = f.size()}), frame_error::none);
  EXPECT_EQ(decoded(bytes_of(f), {.bytes_max = f.size() - 8}), frame_error::oversized);
}

TEST(HostileFrame, MustHaveATypeAndABody) {
  EXPECT_EQ(decoded(payload_with_body(struct_pointer(0, 0, 0))), frame_error::malformed);
  EXPECT_EQ(decoded(payload_with_body(struct_pointer(0, 1, 0), {5})), frame_error::none);
  EXPECT_EQ(decoded(payload_with_body(0)), frame_error::malformed);
  EXPECT_EQ(decoded(payload_of({0})), frame_error::malformed);
  EXPECT_EQ(decoded(payload_of({})), frame_error::malformed);
  auto untyped = payload_with_body(struct_pointer(0, 1, 0), {5});
  std::fill_n(untyped.begin() + 16, 8, std::byte{0});
  EXPECT_EQ(decoded(untyped), frame_error::malformed);
}

TEST(HostileFrame, PointersMustStayInside) {
  EXPECT_EQ(decoded(payload_with_body(struct_pointer(1000, 1, 0))), frame_error::malformed);
  EXPECT_EQ(decoded(payload_with_body(struct_pointer(0, 0xffff, 0xffff))), frame_error::malformed);
  EXPECT_EQ(decoded(payload_with_body(pointer_list(0, (1u << 29) - 1))), frame_error::malformed);
  EXPECT_EQ(decoded(payload_with_body(pointer_list((1u << 29), 1))), frame_error::malformed);
  const std::uint64_t far = 2 | (4ull << 32);  // to segment 4, which is not there
  EXPECT_EQ(decoded(payload_with_body(far)), frame_error::malformed);
}

TEST(HostileFrame, MustNotNestTooDeeply) {
  const auto nested = [](int depth) {  // structs of one pointer, each to the next word
    std::vector<std::uint64_t> words(static_cast<std::size_t>(depth - 1), struct_pointer(0, 0, 1));
    words.push_back(0);
    return payload_with_body(struct_pointer(0, 0, 1), words);
  };
  EXPECT_EQ(decoded(nested(20)), frame_error::none);
  EXPECT_EQ(decoded(nested(40)), frame_error::malformed);
  EXPECT_EQ(decoded(nested(1'000'000)), frame_error::malformed);
}

TEST(HostileFrame, MustNotPointInCircles) {
  // The body's only pointer points back at the body.
  const std::uint64_t back = struct_pointer((1ull << 30) - 1, 0, 1) & ~0x100000000ull;
  EXPECT_EQ(decoded(payload_with_body(struct_pointer(0, 0, 1), {back | (0ull << 32)})),
            frame_error::malformed);
}

TEST(HostileFrame, MustNotAmplify) {
  // 2000 pointers, all to the same list of 8,000 bytes: 16 kB that read as 16 MB.
  constexpr std::uint64_t count = 2000;
  std::vector<std::uint64_t> words;
  for (std::uint64_t i = 0; i < count; ++i)
    words.push_back(1 | ((count - 1 - i) << 2) | (2ull << 32) | (8000ull << 35));
  words.resize(count + 1000);
  EXPECT_EQ(decoded(payload_with_body(pointer_list(0, count), words)), frame_error::malformed);
}

TEST(HostileFrame, WithAListOfNothingThrowsWhenRead) {
  // SubmitBatch.requests as half a billion elements that take no space at all.
  const std::uint64_t voids = 1 | (((1ull << 29) - 1) << 35);
  frame f;
  if (frame::decode(payload_with_body(struct_pointer(0, 0, 1), {voids}), {}, f) != frame_error::none)
    return;
  opened_frame opened{f};
  EXPECT_THROW((void)opened.body<message::SubmitBatch>().getRequests(), kj::Exception);
}

TEST(HostileFrame, MustNotHaveManySegments) {
  for (std::uint32_t count_less_one : {511u, 512u, 100'000u, 0x7fffffffu, 0xfffffffeu, 0xffffffffu}) {
    bytes table((std::size_t{count_less_one} & 0xfffff) / 2 * 8 + 64);
    std::memcpy(table.data(), &count_less_one, sizeof count_less_one);
    EXPECT_NE(decoded(table), frame_error::none) << count_less_one;
  }
}

TEST(HostileFrame, WithACapabilityAsBodyHasNothingToRead) {
  frame f;
  ASSERT_NO_THROW((void)frame::decode(payload_with_body(3), {}, f));
  if (f.empty()) return;
  opened_frame opened{f};
  EXPECT_THROW((void)opened.body<message::Hello>(), kj::Exception);
}

TEST(HostileFrame, OfAnotherShapeThanItsTypeSaysThrowsWhenRead) {
  const auto payload = payload_with_body(pointer_list(0, 1), {0});
  frame f;
  ASSERT_EQ(frame::decode(payload, {}, f), frame_error::none);
  opened_frame opened{f};
  EXPECT_THROW((void)opened.body<message::Hello>(), kj::Exception);
}

TEST(HostileFrame, OfRandomBytesIsRefusedOrHarmless) {
  std::mt19937_64 random{20260725};
  for (int round = 0; round < 20'000; ++round) {
    std::vector<std::uint64_t> words(1 + random() % 40);
    for (auto& word : words) word = random() >> (random() % 64);
    frame f;
    if (frame::decode(payload_with_body(random() >> (random() % 64), words), {}, f) !=
        frame_error::none)
      continue;
    opened_frame opened{f};
    try {
      for (auto entry : opened.body<message::AppendRequest>().getEntries()) (void)entry.size();
    } catch (const kj::Exception&) {  // refused while it is read: as good
    }
  }
}

TEST(HostileFrame, WithAnyBitFlippedIsRefusedOrHarmless) {
  const auto sound = bytes_of(append_frame(3, 40));
  for (std::size_t bit = 0; bit < sound.size() * 8; ++bit) {
    auto damaged = sound;
    damaged[bit / 8] ^= std::byte{1} << (bit % 8);
    frame f;
    if (frame::decode(damaged, {}, f) != frame_error::none) continue;
    opened_frame opened{f};
    try {
      for (auto entry : opened.body<message::AppendRequest>().getEntries()) (void)entry.size();
    } catch (const kj::Exception&) {  // refused while it is read: as good
    }
  }
}

}  // namespace
}  // namespace us::test
