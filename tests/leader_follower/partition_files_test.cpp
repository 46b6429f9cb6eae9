// How many partitions a data directory was made for is known for ever.
#include "actors/leader_follower/partition_files.hpp"
#include "runtime/simulation/sim_disk.hpp"

#include <gtest/gtest.h>

namespace us {
namespace {

class PartitionFiles : public testing::Test {
 protected:
  void write(const std::string& path, std::string_view text) {
    auto file = disk_->open(path, open_mode::create);
    ASSERT_TRUE(file) << file.error().text;
    ASSERT_TRUE((*file)->truncate(0));
    ASSERT_TRUE((*file)->write_at(0, std::as_bytes(std::span{text})));
  }
  std::string refused(std::uint32_t count) {
    auto claimed = claim_partitions(*disk_, "kv", count);
    return claimed ? "" : claimed.error().text;
  }

  sim::disk_image image_{sim::random_stream{1}};
  std::shared_ptr<disk> disk_ = sim::make_disk_port(std::make_shared<sim::disk_access>(image_));
};

TEST_F(PartitionFiles, LieWhereTheyAlwaysDidWithOnePartition) {
  EXPECT_EQ(log_directory("kv", {}), "kv/log");
  EXPECT_EQ(log_directory("kv", {5, 8}), "kv/partitions/5/log");
  EXPECT_EQ(*loss_directories(*disk_, "kv"), std::vector<std::string>{"kv/losses"});
  EXPECT_EQ(refused(1), "");
  EXPECT_TRUE(disk_->list("kv")->empty()) << "nothing is written that older programs do not know";
}

TEST_F(PartitionFiles, RememberTheirNumber) {
  EXPECT_EQ(refused(8), "");
  EXPECT_EQ(refused(8), "");
  EXPECT_EQ(loss_directories(*disk_, "kv")->size(), 8u);
  EXPECT_EQ(loss_directories(*disk_, "kv")->at(7), "kv/partitions/7/losses");
  image_.lose_unsynced();
  EXPECT_EQ(refused(16),
            "the data directory holds kv in 8 partitions, and the configuration has 16: the number "
            "never changes; set service.kv.partitions = 8, or begin with empty data directories "
            "on all nodes");
  EXPECT_NE(refused(1), "");
  EXPECT_EQ(refused(8), "");
}

TEST_F(PartitionFiles, AreNotMadeBesideDataOfOnePartition) {
  ASSERT_TRUE(disk_->make_directory("kv"));
  write("kv/standing", "x");
  EXPECT_NE(refused(8).find("holds kv in 1 partition, and the configuration has 8"),
            std::string::npos)
      << refused(8);
  EXPECT_EQ(refused(1), "");
}

TEST_F(PartitionFiles, SayWhenTheirNumberIsDamaged) {
  ASSERT_EQ(refused(8), "");
  for (const auto* text :
       {"", "8", "x\n", "1\n", "99999\n", "8\n8\n", "understudy partitions, format 2\n",
        "understudy partitions, format 1\n8\n", "understudy partitions, format x\n8\n"}) {
    write("kv/partitions/count", text);
    EXPECT_NE(refused(8).find("kv/partitions/count: is damaged"), std::string::npos) << text;
  }
}

TEST_F(PartitionFiles, AreReadAsFormerProgramsWroteThem) {
  ASSERT_TRUE(disk_->make_directory("kv"));
  ASSERT_TRUE(disk_->make_directory("kv/partitions"));
  write("kv/partitions/count", "8\n");
  EXPECT_EQ(refused(8), "");
  EXPECT_NE(refused(16).find("holds kv in 8 partitions"), std::string::npos) << refused(16);
}

TEST_F(PartitionFiles, OfANewerFormatAreRefused) {
  ASSERT_EQ(refused(8), "");
  write("kv/partitions/count", "understudy partitions, format 3\nwhatever that holds\n");
  auto claimed = claim_partitions(*disk_, "kv", 8);
  ASSERT_FALSE(claimed);
  EXPECT_EQ(claimed.error().code, errc::newer_format);
  EXPECT_EQ(claimed.error().text,
            "kv/partitions/count: written in format 3, this program knows up to 2; run the newer "
            "program");
  EXPECT_EQ(loss_directories(*disk_, "kv").error().code, errc::newer_format);
}

TEST_F(PartitionFiles, ShareTheLimitsOfTheService) {
  group_limits all;
  EXPECT_EQ(share_of(all, 1).log.segment_bytes, all.log.segment_bytes);
  EXPECT_EQ(share_of(all, 4).log.segment_bytes, all.log.segment_bytes / 4);
  EXPECT_EQ(share_of(all, 4).retain.bytes, all.retain.bytes / 4);
  EXPECT_EQ(share_of(all, 4096).log.segment_bytes, 64u << 10) << "small, but not too small";
  all.snapshot_bytes = 1;
  EXPECT_EQ(share_of(all, 8).snapshot_bytes, 1u) << "never more than is configured";
}

}  // namespace
}  // namespace us
