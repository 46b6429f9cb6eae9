#include "runtime/log/record_format.hpp"

#include "runtime/log/segment_files.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

namespace us {
namespace {

std::vector<std::byte> encoded(const std::string& payload, const record_place& where) {
  record r{record_kind::entry, 7, {3}, {5}, std::as_bytes(std::span{payload})};
  std::vector<std::byte> bytes(record_bytes(payload.size()));
  encode_record(r, where, bytes.data());
  return bytes;
}

TEST(RecordFormat, GivesBackWhatWasWritten) {
  auto bytes = encoded("hello", {11, 96, 48});
  EXPECT_EQ(bytes.size(), 56u);
  auto found = decode_record(bytes, 11, 96);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->values.kind, record_kind::entry);
  EXPECT_EQ(found->values.index, 7u);
  EXPECT_EQ(found->values.epoch.value, 3u);
  EXPECT_EQ(found->values.commit.value, 5u);
  EXPECT_EQ(found->group, 48u);
  EXPECT_EQ(found->values.payload.size(), 5u);
  EXPECT_EQ(std::memcmp(found->values.payload.data(), "hello", 5), 0);
}

TEST(RecordFormat, NoticesEveryFlippedBit) {
  auto bytes = encoded("a payload of thirty-three bytes..", {11, 96, 48});
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
    EXPECT_FALSE(decode_record(bytes, 11, 96)) << "bit " << bit;
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
  }
}

TEST(RecordFormat, VerifiesOnlyAtItsPlace) {
  auto bytes = encoded("hello", {11, 96, 48});
  EXPECT_FALSE(decode_record(bytes, 12, 96)) << "another segment";
  EXPECT_FALSE(decode_record(bytes, 11, 104)) << "another offset";
}

TEST(RecordFormat, RefusesCutAndEmptyBytes) {
  auto bytes = encoded("hello", {11, 96, 48});
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_FALSE(decode_record(std::span{bytes}.first(length), 11, 96)) << length;
  EXPECT_FALSE(decode_record(std::vector<std::byte>(4096), 11, 96));
}

// The layout is on users' disks: a change of it is a new format version.
TEST(RecordFormat, KeepsItsLayout) {
  auto bytes = encoded("hello", {11, 96, 48});
  const unsigned char header[] = {5, 0, 0, 0};
  EXPECT_EQ(std::memcmp(bytes.data() + 4, header, 4), 0);
  std::uint32_t check = 0;
  std::memcpy(&check, bytes.data(), 4);
  EXPECT_EQ(check, 0x8c250e8cu);
}

TEST(RecordFormat, CarriesTheSegmentsHeader) {
  std::vector<std::byte> bytes(segment_header_payload_bytes);
  encode_segment_header({4, 1024, {9}, {77}}, bytes.data());
  auto found = decode_segment_header(bytes);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->number, 4u);
  EXPECT_EQ(found->previous_end, 1024u);
  EXPECT_EQ(found->vote_epoch.value, 9u);
  EXPECT_EQ(found->vote_candidate.value, 77u);
  bytes[0] ^= std::byte{1};
  EXPECT_FALSE(decode_segment_header(bytes));
}

TEST(SegmentName, IsReadBackAndNothingElseIs) {
  segment_name name{18, 0xabcdef};
  EXPECT_EQ(name.text(), "0000000000000012-0000000000abcdef.log");
  auto parsed = segment_name::parse(name.text());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->number, 18u);
  EXPECT_EQ(parsed->salt, 0xabcdefu);
  for (const auto* text : {"", "lock", "0000000000000012-0000000000abcdef.tmp",
                           "0000000000000012-0000000000ABCDEF.log",
                           "0000000000000000-0000000000abcdef.log",
                           "000000000000001g-0000000000abcdef.log"})
    EXPECT_FALSE(segment_name::parse(text)) << text;
}

TEST(SegmentName, SeedsDifferWithNumberAndSalt) {
  EXPECT_NE((segment_name{1, 1}.seed()), (segment_name{2, 1}.seed()));
  EXPECT_NE((segment_name{1, 1}.seed()), (segment_name{1, 2}.seed()));
}

}  // namespace
}  // namespace us
