#include "runtime/live/live_disk.hpp"
#include "tests/live/temporary_directory.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace us {
namespace {

using testing::AllOf;
using testing::HasSubstr;

struct DataDirectory : testing::Test {
  test::temporary_directory home;
  std::string path = home / "a";

  std::shared_ptr<live_disk> opened() { return *live_disk::open_directory(path); }
  void put(const std::string& name, const std::string& text) {
    std::filesystem::create_directories(path);
    std::ofstream{path + "/" + name} << text;
  }
};

TEST_F(DataDirectory, BelongsToTheNodeThatClaimedIt) {
  EXPECT_TRUE(claim_directory(*opened(), "demo", "a"));
  EXPECT_TRUE(claim_directory(*opened(), "demo", "a"));
}

TEST_F(DataDirectory, IsRefusedToAnotherNode) {
  ASSERT_TRUE(claim_directory(*opened(), "demo", "a"));
  auto answer = claim_directory(*opened(), "demo", "b");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::wrong_owner);
  EXPECT_THAT(answer.error().text,
              AllOf(HasSubstr(path), HasSubstr("belongs to node a of cluster demo"),
                    HasSubstr("node b of cluster demo"), HasSubstr("'data'")));
}

TEST_F(DataDirectory, IsRefusedToAnotherCluster) {
  ASSERT_TRUE(claim_directory(*opened(), "demo", "a"));
  EXPECT_EQ(claim_directory(*opened(), "other", "a").error().code, errc::wrong_owner);
}

TEST_F(DataDirectory, IsRefusedWhenItHoldsSomebodyElsesFiles) {
  put("notes.txt", "mine");
  EXPECT_EQ(claim_directory(*opened(), "demo", "a").error().code, errc::wrong_owner);
}

TEST_F(DataDirectory, IsClaimedAgainAfterACrashWhileClaiming) {
  put("identity.new", "underst");
  EXPECT_TRUE(claim_directory(*opened(), "demo", "a"));
  EXPECT_TRUE(claim_directory(*opened(), "demo", "a"));
}

TEST_F(DataDirectory, OfANewerVersionIsRefused) {
  put("identity", "understudy data directory, format 2\ncluster demo\nnode a\n");
  EXPECT_EQ(claim_directory(*opened(), "demo", "a").error().code, errc::newer_format);
}

TEST_F(DataDirectory, WithAnUnreadableIdentityIsRefused) {
  put("identity", "x");
  EXPECT_EQ(claim_directory(*opened(), "demo", "a").error().code, errc::wrong_owner);
}

TEST_F(DataDirectory, InUseIsRefusedUntilItsUserIsGone) {
  auto user = opened();
  auto second = live_disk::open_directory(path);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, errc::wrong_owner);
  EXPECT_THAT(second.error().text, AllOf(HasSubstr(path), HasSubstr("in use")));
  user.reset();
  EXPECT_TRUE(live_disk::open_directory(path));
}

TEST_F(DataDirectory, IsFreeOnceItsUserReleasesIt) {
  auto user = opened();
  user->release();
  EXPECT_TRUE(live_disk::open_directory(path));
}

TEST_F(DataDirectory, ThatCannotBeMadeIsOneClearError) {
  std::ofstream{path} << "a file, no directory";
  auto answer = live_disk::open_directory(path);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::io_failed);
  EXPECT_THAT(answer.error().text, AllOf(HasSubstr(path), HasSubstr("'data'")));
}

}  // namespace
}  // namespace us
