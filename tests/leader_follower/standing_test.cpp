// What a replica says of its past comes back as it was stored, or not at all.
#include "actors/leader_follower/standing.hpp"
#include "runtime/simulation/sim_disk.hpp"

#include <gtest/gtest.h>

#include <span>
#include <string_view>

namespace us {
namespace {

class StandingFile : public testing::Test {
 protected:
  void write(std::uint64_t offset, std::string_view bytes) {
    auto file = disk_->open("standing", open_mode::read_write);
    ASSERT_TRUE(file) << file.error().text;
    ASSERT_TRUE((*file)->write_at(offset, std::as_bytes(std::span{bytes})));
  }

  sim::disk_image image_{sim::random_stream{1}};
  std::shared_ptr<disk> disk_ = sim::make_disk_port(std::make_shared<sim::disk_access>(image_));
  const standing own_{.kind = standing_kind::member, .disk = 7, .founders = {{{1}, 7}, {{2}, 8}}};
};

TEST_F(StandingFile, ComesBackAsItWasStored) {
  ASSERT_TRUE(store_standing(*disk_, "standing", own_));
  auto found = load_standing(*disk_, "standing");
  ASSERT_TRUE(found) << found.error().text;
  EXPECT_EQ(found->kind, standing_kind::member);
  EXPECT_EQ(found->disk, 7u);
  EXPECT_EQ(found->founders, own_.founders);
}

TEST_F(StandingFile, OfANewerFormatIsRefused) {
  ASSERT_TRUE(store_standing(*disk_, "standing", own_));
  write(8, std::string_view{"\4\0\0\0", 4});
  auto found = load_standing(*disk_, "standing");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, errc::newer_format);
  EXPECT_EQ(found.error().text,
            "standing: written in format 4, this program knows up to 3; run the newer program");
}

TEST_F(StandingFile, ThatIsDamagedIsNoStanding) {
  ASSERT_TRUE(store_standing(*disk_, "standing", own_));
  write(16, "x");
  auto found = load_standing(*disk_, "standing");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, errc::corrupted);
}

}  // namespace
}  // namespace us
