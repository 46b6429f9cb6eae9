// The segmented log's own: segments, failures of the disk, who may write to a directory.
#include "tests/log/simulated_log.hpp"

#include <gmock/gmock.h>

namespace us::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

struct SegmentedLog : testing::Test, simulated_log {
  SegmentedLog() { open(); }
};

TEST_F(SegmentedLog, MakesTheNextSegmentBeforeTheCurrentOneIsFull) {
  append(1, "a");
  run();
  EXPECT_THAT(files(), SizeIs(2));
  for (int i = 0; i < 10; ++i) append(1, std::string(1000, 'x'));
  run();
  EXPECT_THAT(files(), SizeIs(5)) << "three entries fill a segment";
}

TEST_F(SegmentedLog, WaitsForASegmentThatIsNotReady) {
  append(1, "a");
  EXPECT_EQ(jobs->waiting(lane::log), 0u);
  EXPECT_EQ(jobs->waiting(lane::bulk), 1u);
  jobs->run_one(lane::bulk);
  EXPECT_EQ(jobs->waiting(lane::log), 1u);
  jobs->run_one(lane::log);
  EXPECT_EQ(durable, 1u);
}

TEST_F(SegmentedLog, WritesOnlyIntoReservedSpace) {
  append(1, "a");
  run();
  auto used = image.used();
  append(1, "b");
  run();
  EXPECT_EQ(image.used(), used);
}

TEST_F(SegmentedLog, AnswersOnlyAfterTheSync) {
  append(1, "a");
  jobs->run_one(lane::bulk);
  auto syncs = image.counts().syncs;
  jobs->run_job(lane::log);
  EXPECT_EQ(image.counts().syncs, syncs + 1);
  EXPECT_EQ(durable, 0u);
  jobs->answer();
  EXPECT_EQ(durable, 1u);
}

TEST_F(SegmentedLog, TruncatesAcrossSegments) {
  for (int i = 0; i < 10; ++i) append(1, std::string(1000, static_cast<char>('0' + i)));
  run();
  log->truncate_after({2});
  append(2, "new");
  run();
  lose_power();
  open();
  EXPECT_THAT(texts(), ElementsAre(std::string(1000, '0'), std::string(1000, '1'), "new"));
}

TEST_F(SegmentedLog, CarriesTheVoteIntoEachSegment) {
  log->store_vote({{3}, {8}}, nullptr);
  append(3, "a");
  run();
  for (int i = 0; i < 10; ++i) append(3, std::string(1000, 'x'), 1);
  run();
  // What compaction will do: the oldest segment goes.
  auto first = path(0);
  kill();
  ASSERT_TRUE(disk->remove(first));
  open();
  EXPECT_EQ(log->vote().epoch.value, 3u);
  EXPECT_EQ(log->vote().candidate.value, 8u);
  EXPECT_EQ(log->stored_commit().value, 1u);
  EXPECT_GT(log->first_index().value, 1u);
  EXPECT_EQ(log->epoch_at(log->first_index().previous()), epoch{3});
  EXPECT_EQ(log->last_index().value, 11u);
}

TEST_F(SegmentedLog, FailsForGoodWhenASyncFails) {
  append(1, "a");
  run();
  append(1, "b");
  append(1, "c");
  bool stored = false;
  log->store_vote({{2}, {1}}, [&] { stored = true; });
  image.fail_syncs();
  run();
  EXPECT_THAT(failures, SizeIs(1));
  EXPECT_EQ(failures[0].code, errc::io_failed);
  image.mend();
  append(1, "d");
  run();
  EXPECT_EQ(durable, 1u);
  EXPECT_EQ(log->durable_index().value, 1u);
  EXPECT_FALSE(stored);
  EXPECT_THAT(failures, SizeIs(1));
}

TEST_F(SegmentedLog, FailsForGoodWhenAWriteFails) {
  append(1, "a");
  run();
  image.fail_writes();
  append(1, "b");
  run();
  image.mend();
  append(1, "c");
  run();
  EXPECT_EQ(durable, 1u);
  EXPECT_THAT(failures, SizeIs(1));
}

TEST_F(SegmentedLog, TellsTheNextOwnerThatItFailed) {
  image.fail_syncs();
  append(1, "a");
  run();
  std::vector<failure> heard;
  log->attach(new_owner(), {nullptr, [&](const failure& why) { heard.push_back(why); }});
  EXPECT_THAT(heard, IsEmpty());
  run();
  EXPECT_THAT(heard, SizeIs(1));
}

// fsync on Linux: after a failure the bytes stay readable, and a later sync succeeds without them.
TEST_F(SegmentedLog, MakesWhatItReadsAfterAFailedSyncDurableBeforeItCounts) {
  append(1, "a");
  run();
  append(1, "b");
  image.fail_syncs();
  run();
  image.mend();
  kill();
  open();
  auto seen = texts();
  lose_power();
  open();
  EXPECT_EQ(texts(), seen);
}

TEST_F(SegmentedLog, MakesWhatAKilledProcessWroteDurableBeforeItCounts) {
  append(1, "a");
  run();
  append(1, "b");
  access->die_after(1);  // the write, not its sync
  run();
  kill();
  open();
  EXPECT_THAT(texts(), ElementsAre("a", "b"));
  lose_power();
  open();
  EXPECT_THAT(texts(), ElementsAre("a", "b"));
}

TEST_F(SegmentedLog, StopsAFormerLogOfTheSameDirectory) {
  append(1, "a");
  run();
  append(1, "late");
  auto former = std::move(log);
  std::vector<failure> heard = {};
  former->attach(owner, {nullptr, [&](const failure& why) { heard.push_back(why); }});
  open();  // while the former one's job is still queued
  EXPECT_THAT(texts(), ElementsAre("a"));
  append(2, "new");
  run();
  EXPECT_THAT(texts(), ElementsAre("a", "new"));
  ASSERT_THAT(heard, SizeIs(1));
  EXPECT_EQ(heard[0].code, errc::wrong_owner);
}

TEST_F(SegmentedLog, DropsFromAReadWhatWasTruncatedMeanwhile) {
  for (int i = 0; i < 30; ++i) append(1, std::string(100, 'x'));
  run();
  result<std::vector<log_entry>> got = failure{};
  log->read({1}, 10'000, [&](auto answer) { got = std::move(answer); });
  log->truncate_after({2});
  append(2, "new");
  run();
  ASSERT_TRUE(got) << got.error().text;
  EXPECT_THAT(*got, SizeIs(2));
}

TEST_F(SegmentedLog, ReportsADamagedEntryWhenItIsRead) {
  for (int i = 0; i < 30; ++i) append(1, std::string(100, 'x'));
  run();
  ASSERT_TRUE(image.damage(path(0), 96 + 60));
  result<std::vector<log_entry>> got = failure{};
  log->read({1}, 10'000, [&](auto answer) { got = std::move(answer); });
  run();
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, errc::corrupted);
  EXPECT_NE(got.error().text.find(path(0) + ": offset 96"), std::string::npos) << got.error().text;
}

}  // namespace
}  // namespace us::test
