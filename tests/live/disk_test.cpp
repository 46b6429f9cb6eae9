// What only a disk of POSIX files has to show; tests/disk has the contract of all.
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
