// Snapshots on a simulated disk: what is read is what was written, and nothing else passes for it.
#include "runtime/simulation/sim_disk.hpp"
#include "runtime/state/snapshot_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace us {
namespace {

using testing::HasSubstr;

constexpr snapshot_id id{{10}, {2}, 77};

class Snapshot : public testing::Test {
 protected:
  /// A head, one block of sessions, two of records, the end.
  static std::string content() {
    std::string bytes;
    encode_snapshot_head(id, bytes);
    auto at = begin_block(bytes);
    bytes += "who";
    end_block(id, snapshot_block::sessions, bytes, at, at);
    for (const auto* key : {"x", "y"}) {
      at = begin_block(bytes);
      encode_record(key, std::string(50, *key), bytes);
      end_block(id, snapshot_block::records, bytes, at, at);
    }
    at = begin_block(bytes);
    encode_end({{12}, 2}, bytes);
    end_block(id, snapshot_block::end, bytes, at, at);
    return bytes;
  }
  void write(const std::string& bytes) {
    auto opened = disk_->open(path_, open_mode::create);
    ASSERT_TRUE(opened);
    ASSERT_TRUE((*opened)->truncate(0));
    ASSERT_TRUE((*opened)->write_at(0, std::as_bytes(std::span{bytes})));
    ASSERT_TRUE((*opened)->sync());
  }
  result<snapshot_info> read() {
    records_.clear();
    return read_snapshot(*disk_, path_,
                         {[this](auto payload) {
                            sessions_ = payload;
                            return true;
                          },
                          [this](std::span<const state_change> records) {
                            for (const auto& r : records) records_.emplace(r.key, r.value);
                          }});
  }

  const std::string path_ = "s";
  sim::disk_image image_{sim::random_stream{1}};
  std::shared_ptr<sim::disk_access> access_ = std::make_shared<sim::disk_access>(image_);
  std::shared_ptr<disk> disk_ = sim::make_disk_port(access_);
  std::string sessions_;
  std::map<std::string, std::string> records_;
};

TEST_F(Snapshot, IsReadAsItWasWritten) {
  write(content());
  auto info = read();
  ASSERT_TRUE(info) << info.error().text;
  EXPECT_EQ(info->id, id);
  EXPECT_EQ(info->complete.value, 12u);
  EXPECT_EQ(info->records, 2u);
  EXPECT_EQ(info->bytes, content().size());
  EXPECT_EQ(sessions_, "who");
  EXPECT_EQ(records_.at("y"), std::string(50, 'y'));
}

TEST_F(Snapshot, IsDamagedByAnyBit) {
  const auto whole = content();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    // The rest of the head is zeros that mean nothing.
    if (at >= 48 && at < snapshot_head_bytes) continue;
    auto bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 4);
    write(bytes);
    auto info = read();
    ASSERT_FALSE(info) << at;
    EXPECT_TRUE(info.error().code == errc::corrupted || (at >= 8 && at < 12)) << at;
  }
}

TEST_F(Snapshot, IsNotWholeWithoutItsEnd) {
  const auto whole = content();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    write(whole.substr(0, size));
    auto info = read();
    ASSERT_FALSE(info) << size;
    EXPECT_EQ(info.error().code, errc::corrupted) << size;
  }
  write(whole + "x");
  EXPECT_FALSE(read());
}

TEST_F(Snapshot, OfANewerFormatIsRefused) {
  auto bytes = content();
  bytes[8] = static_cast<char>(snapshot_format_version + 1);
  write(bytes);
  auto info = read();
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().code, errc::newer_format);
  EXPECT_THAT(info.error().text,
              HasSubstr("snapshot format " + std::to_string(snapshot_format_version + 1) +
                        ", this program knows up to " + std::to_string(snapshot_format_version)));
}

// Programs that know no records beside a snapshot read those that have them.
TEST_F(Snapshot, WithItsRecordsIsOfTheFormatBeforeStores) {
  const auto bytes = content();
  EXPECT_EQ(get_u32(bytes.data() + 8), 3u);
  write(bytes);
  EXPECT_FALSE(names_store(*disk_, path_));
  EXPECT_TRUE(read()->whole());
}

TEST_F(Snapshot, WithoutRecordsNamesWhoHasThem) {
  std::string bytes;
  encode_snapshot_head(id, bytes, snapshot_format_version);
  auto at = begin_block(bytes);
  encode_store({"rocksdb", 42}, bytes);
  end_block(id, snapshot_block::store, bytes, at, at);
  at = begin_block(bytes);
  encode_end({{12}, 0}, bytes);
  end_block(id, snapshot_block::end, bytes, at, at);
  write(bytes);
  EXPECT_TRUE(names_store(*disk_, path_));
  auto info = read();
  ASSERT_TRUE(info) << info.error().text;
  EXPECT_FALSE(info->whole());
  EXPECT_EQ(info->store, (store_name{"rocksdb", 42}));
}

TEST_F(Snapshot, IsGoneOnWithFromItsLastWholeBlock) {
  const auto whole = content();
  const auto second = snapshot_head_bytes + snapshot_block_head_bytes + 3;
  const auto third = second + snapshot_block_head_bytes + 59;
  for (std::size_t size = 0; size < third + snapshot_block_head_bytes + 59; ++size) {
    write(whole.substr(0, size));
    const auto expected = size < snapshot_head_bytes ? 0
                          : size < second            ? snapshot_head_bytes
                          : size < third             ? second
                                                     : third;
    auto found = verified_prefix(*disk_, path_, id);
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, expected) << size;
  }
  EXPECT_EQ(*verified_prefix(*disk_, path_, {{10}, {2}, 78}), 0u) << "another one";
}

TEST(SnapshotName, IsReadBack) {
  const snapshot_name name{{10}, 0xabc, snapshot_kind::installed};
  EXPECT_EQ(name.text(), "000000000000000a-0000000000000abc.installed");
  auto found = snapshot_name::parse(name.text());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->index.value, 10u);
  EXPECT_EQ(found->kind, snapshot_kind::installed);
  EXPECT_FALSE(snapshot_name::parse(name.text() + ".damaged"));
  EXPECT_FALSE(snapshot_name::parse("x"));
}

}  // namespace
}  // namespace us
