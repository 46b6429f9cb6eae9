#include "runtime/live/live_disk.hpp"
#include "tests/live/temporary_directory.hpp"

#include <cstring>
#include <fstream>
#include <string_view>

#include <gtest/gtest.h>

namespace us {
namespace {

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span{text.data(), text.size()});
}

struct LiveDisk : testing::Test {
  test::temporary_directory home;
  std::shared_ptr<live_disk> disk = *live_disk::open_directory(home / "data");
};

TEST_F(LiveDisk, ReadsBackWhatWasWrittenAtAnyOffset) {
  auto f = std::move(*disk->open("x", open_mode::create));
  ASSERT_TRUE(f->write_at(6, bytes("world")));
  ASSERT_TRUE(f->write_at(0, bytes("hello ")));
  ASSERT_TRUE(f->sync());
  std::string text(32, '?');
  auto got = f->read_at(0, std::as_writable_bytes(std::span{text}));
  ASSERT_TRUE(got);
  EXPECT_EQ(text.substr(0, *got), "hello world");
  EXPECT_EQ(*f->size(), 11u);
}

TEST_F(LiveDisk, ReadsFewerBytesOnlyAtTheEnd) {
  auto f = std::move(*disk->open("x", open_mode::create));
  ASSERT_TRUE(f->write_at(0, bytes("abc")));
  std::byte two[2];
  EXPECT_EQ(*f->read_at(2, two), 1u);
  EXPECT_EQ(*f->read_at(3, two), 0u);
}

TEST_F(LiveDisk, TruncatesAndRenamesAndRemoves) {
  {
    auto f = std::move(*disk->open("x", open_mode::create));
    ASSERT_TRUE(f->write_at(0, bytes("abcdef")));
    ASSERT_TRUE(f->truncate(3));
    EXPECT_EQ(*f->size(), 3u);
  }
  ASSERT_TRUE(disk->rename("x", "y"));
  ASSERT_TRUE(disk->sync_directory(""));
  EXPECT_EQ(disk->open("x", open_mode::read).error().code, errc::not_found);
  ASSERT_TRUE(disk->remove("y"));
  EXPECT_EQ(disk->remove("y").error().code, errc::not_found);
}

TEST_F(LiveDisk, ListsNamesInOrderAndNothingForAMissingDirectory) {
  ASSERT_TRUE(disk->make_directory("log/deep"));
  ASSERT_TRUE(disk->open("log/2", open_mode::create));
  ASSERT_TRUE(disk->open("log/1", open_mode::create));
  EXPECT_EQ(*disk->list("log"), (std::vector<std::string>{"1", "2", "deep"}));
  EXPECT_TRUE(disk->list("nothing")->empty());
}

TEST_F(LiveDisk, RefusesPathsThatLeaveTheDirectory) {
  EXPECT_FALSE(disk->open("../x", open_mode::create));
  EXPECT_FALSE(disk->open("/tmp/x", open_mode::read));
  EXPECT_FALSE(disk->rename("a", "b/../../c"));
}

TEST_F(LiveDisk, ReportsAFullDiskAsDiskFull) {
  std::ofstream{home / "data/full"}.flush();
  std::filesystem::remove(home / "data/full");
  std::filesystem::create_symlink("/dev/full", home / "data/full");
  auto f = std::move(*disk->open("full", open_mode::read_write));
  auto written = f->write_at(0, bytes("x"));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, errc::disk_full);
  EXPECT_NE(written.error().text.find("full"), std::string::npos);
}

}  // namespace
}  // namespace us
