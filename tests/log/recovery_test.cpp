// Opening a log that a crash, or a bad disk, left behind.
#include "runtime/log/recovery.hpp"
#include "tests/log/simulated_log.hpp"

#include <gmock/gmock.h>

namespace us::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Recovery : testing::Test, simulated_log {
  Recovery() { open(); }

  void write(const std::string& file, std::uint64_t offset, const std::string& bytes) {
    auto opened = disk->open(file, open_mode::read_write);
    ASSERT_TRUE(opened);
    ASSERT_TRUE((*opened)->write_at(offset, std::as_bytes(std::span{bytes})));
    ASSERT_TRUE((*opened)->sync());
  }
  std::uint64_t end_of_records() {
    auto found = scan_log(*disk, directory);
    return found ? found->segments.back().content.end : 0;
  }
  failure refused() {
    kill();
    auto opened = try_open();
    return opened ? failure{} : opened.error();
  }
};

TEST_F(Recovery, CutsATornTail) {
  append(1, "a");
  run();
  write(path(0), end_of_records(), "what was left of a write that never ended");
  lose_power();
  open();
  EXPECT_THAT(texts(), ElementsAre("a"));
  append(1, "b");
  run();
  lose_power();
  open();
  EXPECT_THAT(texts(), ElementsAre("a", "b"));
}

TEST_F(Recovery, CutsAGroupWhoseFirstRecordIsTornThoughLaterOnesAreWhole) {
  append(1, "a");
  run();
  auto end = end_of_records();
  append(1, "in flight");
  append(1, "x");
  append(1, "y");
  run();
  // x and y share a group; its first record is lost.
  auto second = end + record_bytes(9);
  ASSERT_TRUE(image.damage(path(0), second + record_header_bytes));
  lose_power();
  open();
  EXPECT_THAT(texts(), ElementsAre("a", "in flight"));
  // The same entry again must not bring its old neighbour back.
  append(1, "x");
  run();
  lose_power();
  open();
  EXPECT_THAT(texts(), ElementsAre("a", "in flight", "x"));
}

TEST_F(Recovery, RefusesADamagedRecordThatLaterGroupsFollow) {
  append(1, "a");
  run();
  auto end = end_of_records();
  append(1, "b");
  run();
  append(1, "c");
  run();
  ASSERT_TRUE(image.damage(path(0), end + record_header_bytes));
  auto file = path(0);
  auto why = refused();
  EXPECT_EQ(why.code, errc::corrupted);
  EXPECT_THAT(why.text, HasSubstr(file + ": offset " + std::to_string(end)));
}

TEST_F(Recovery, RefusesDamageAnywhereInAnOlderSegment) {
  for (int i = 0; i < 10; ++i) append(1, std::string(1000, 'x'));
  run();
  auto file = path(0);
  // Every record's header and payload, the last one's too: the next segment knows the end.
  for (std::uint64_t offset : {0, 50, 96, 96 + 500, 96 + 1048, 96 + 2 * 1048 + 900}) {
    simulated_log copy{offset + 1};
    for (int i = 0; i < 10; ++i) {
      if (i == 0) copy.open();
      copy.append(1, std::string(1000, 'x'));
    }
    copy.run();
    ASSERT_TRUE(copy.image.damage(copy.path(0), offset));
    copy.kill();
    auto opened = copy.try_open();
    ASSERT_FALSE(opened) << offset;
    EXPECT_EQ(opened.error().code, errc::corrupted) << opened.error().text;
    EXPECT_THAT(opened.error().text, HasSubstr("log/")) << offset;
  }
}

TEST_F(Recovery, RefusesAMissingSegment) {
  for (int i = 0; i < 20; ++i) append(1, std::string(1000, 'x'));
  run();
  ASSERT_TRUE(disk->remove(path(2)));
  auto why = refused();
  EXPECT_EQ(why.code, errc::corrupted);
  EXPECT_THAT(why.text, HasSubstr("segment 3 is missing"));
}

TEST_F(Recovery, RefusesADamagedHeaderOfTheNewestSegment) {
  append(1, "a");
  run();
  append(1, "b");
  run();
  ASSERT_TRUE(image.damage(path(0), 60));
  EXPECT_EQ(refused().code, errc::corrupted);
}

TEST_F(Recovery, RefusesAFileOfANewerFormat) {
  append(1, "a");
  run();
  write(path(0), record_header_bytes + 8, std::string("\4\0\0\0", 4));
  auto why = refused();
  EXPECT_EQ(why.code, errc::newer_format);
  EXPECT_THAT(why.text, HasSubstr("format 4"));
}

// What is cut, and what is written back, was read twice.
TEST(RecoveryByBadReads, CutsAndSpoilsNothing) {
  std::size_t opened = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    simulated_log at{seed};
    at.open();
    for (int i = 0; i < 3; ++i) {
      at.append(1, std::string(300, static_cast<char>('a' + i)));
      at.run();
    }
    const auto before = at.texts();
    at.kill();
    at.image.flip_bits_on_read(0.3);
    const auto well = static_cast<bool>(at.try_open());
    at.image.mend();
    opened += static_cast<std::size_t>(well);
    at.kill();
    at.open();
    EXPECT_EQ(at.texts(), before) << "seed " << seed;
  }
  EXPECT_GT(opened, 50u);
}

TEST_F(Recovery, LeavesOtherFilesAlone) {
  ASSERT_TRUE(disk->open("log/README", open_mode::create));
  append(1, "a");
  run();
  kill();
  open();
  EXPECT_THAT(texts(), ElementsAre("a"));
  EXPECT_TRUE(disk->open("log/README", open_mode::read));
}

TEST_F(Recovery, ReportsADiskThatCannotBeRead) {
  append(1, "a");
  run();
  append(1, "b");
  run();
  access->close();
  auto opened = try_open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, errc::io_failed);
}

TEST_F(Recovery, ReplaysOnlyWhatIsThere) {
  auto ended = log->replay({1}, {1}, [](const log_entry&) {});
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, errc::not_found);
  EXPECT_TRUE(log->replay({1}, {0}, [](const log_entry&) {}));
}

}  // namespace
}  // namespace us::test
