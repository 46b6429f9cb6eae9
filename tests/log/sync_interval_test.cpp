// A log that tells its entries durable once they are written, and syncs them later.
#include "tests/log/simulated_log.hpp"

#include <gmock/gmock.h>

namespace us::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

struct SyncInterval : testing::Test, simulated_log {
  SyncInterval() {
    options.sync_interval = 100ms;
    open();
    append(1, "first");  // with it the segment's header, which is synced
    run();
  }
  std::uint64_t syncs() const { return image.counts().syncs; }
  void come_back(unsynced_tail left) {
    options.left = left;
    open();
  }
};

TEST_F(SyncInterval, TellsWhatIsWrittenAndSyncsItLater) {
  const auto before = syncs();
  append(1, "a");
  append(1, "b");
  run();
  EXPECT_EQ(durable, 3u);
  EXPECT_EQ(log->synced_index().value, 1u);
  EXPECT_EQ(syncs(), before);
  time->advance(99ms);
  run();
  EXPECT_EQ(syncs(), before) << "it is not time yet";
  time->advance(1ms);
  run();
  EXPECT_EQ(log->synced_index().value, 3u);
  EXPECT_EQ(syncs(), before + 1);
  time->advance(1s);
  run();
  EXPECT_EQ(syncs(), before + 1) << "nothing new was written";
}

TEST_F(SyncInterval, SyncsWhileEntriesKeepComing) {
  for (int i = 0; i < 25; ++i) {
    append(1, "x");
    run();
    time->advance(10ms);
    run();
    EXPECT_GE(log->synced_index().value + 11, log->last_index().value);
  }
}

TEST_F(SyncInterval, WritesOnWhileASyncIsOnItsWay) {
  append(1, "a");
  run();
  time->advance(100ms);
  append(1, "b");
  append(1, "c");
  EXPECT_EQ(jobs->waiting(lane::sync), 1u);
  while (jobs->run_one(lane::log)) {
  }
  EXPECT_EQ(durable, 4u);
  EXPECT_EQ(log->synced_index().value, 1u);
  jobs->run_one(lane::sync);
  EXPECT_EQ(log->synced_index().value, 2u) << "what was written when it began";
  time->advance(100ms);
  run();
  EXPECT_EQ(log->synced_index().value, 4u);
}

TEST_F(SyncInterval, BeginsNoSyncWhileAGroupIsWritten) {
  append(1, "a");
  run();
  append(1, "b");
  time->advance(100ms);
  EXPECT_EQ(jobs->waiting(lane::sync), 0u);
  jobs->run_one(lane::log);
  EXPECT_EQ(jobs->waiting(lane::sync), 1u);
  run();
  EXPECT_EQ(log->synced_index().value, 3u);
}

TEST_F(SyncInterval, CountsNothingAsSyncedThatWasCutMeanwhile) {
  append(1, "a");
  append(1, "b");
  run();
  time->advance(100ms);
  EXPECT_EQ(jobs->waiting(lane::sync), 1u);
  log->truncate_after({2});
  append(2, "other b");
  jobs->run_one(lane::sync);
  EXPECT_EQ(log->synced_index().value, 2u);
  run();
  time->advance(100ms);
  run();
  EXPECT_EQ(log->synced_index().value, 3u);
}

TEST_F(SyncInterval, TellsNothingDurableOnceASyncHasFailed) {
  append(1, "a");
  run();
  image.fail_syncs();
  time->advance(100ms);
  append(1, "b");
  jobs->run_one(lane::sync);
  ASSERT_EQ(failures.size(), 1u);
  run();
  EXPECT_EQ(durable, 2u);
  EXPECT_EQ(failures.size(), 1u);
}

TEST_F(SyncInterval, EndsForTheNextOwnerToo) {
  append(1, "a");
  run();
  time->advance(100ms);
  owner = new_owner();
  attach();
  run();
  EXPECT_EQ(log->synced_index().value, 2u);
}

TEST_F(SyncInterval, SyncsVotesBeforeTheyAreTold) {
  append(1, "a");
  run();
  bool told = false;
  log->store_vote({{2}, {7}}, [&] {
    told = true;
    EXPECT_EQ(log->synced_index().value, 2u) << "and with it what was written before";
  });
  run();
  EXPECT_TRUE(told);
  lose_power();
  come_back(unsynced_tail::lost);
  EXPECT_EQ(log->vote().candidate.value, 7u);
}

TEST_F(SyncInterval, SyncsForTheNextOwnerToo) {
  append(1, "a");
  run();
  owner = new_owner();
  attach();
  time->advance(100ms);
  run();
  EXPECT_EQ(log->synced_index().value, 2u);
}

TEST_F(SyncInterval, KeepsEverythingWhenTheProcessDies) {
  append(1, "a");
  append(1, "b");
  run();
  kill();
  come_back(unsynced_tail::cached);
  EXPECT_THAT(texts(), ElementsAre("first", "a", "b"));
  EXPECT_EQ(log->synced_index().value, 3u) << "opening has synced it";
  lose_power();
  come_back(unsynced_tail::lost);
  EXPECT_THAT(texts(), ElementsAre("first", "a", "b"));
}

// A sync that failed leaves bytes that can be read and that no later sync makes durable.
TEST_F(SyncInterval, WritesOnceMoreWhatASyncFailedFor) {
  append(1, "a");
  run();
  append(1, "b");
  run();
  image.fail_syncs();
  time->advance(100ms);
  run();
  ASSERT_EQ(failures.size(), 1u);
  image.mend();
  kill();
  come_back(unsynced_tail::cached);
  lose_power();
  come_back(unsynced_tail::lost);
  EXPECT_THAT(texts(), ElementsAre("first", "a", "b"));
}

/// What the log holds is always a beginning of what was written, and no less than was synced.
TEST(SyncIntervalPowerLoss, KeepsABeginningOfWhatWasWritten) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    simulated_log at{seed};
    at.options.sync_interval = 100ms;
    at.open();
    std::vector<std::string> written;
    const auto write = [&](int count) {
      for (int i = 0; i < count; ++i) {
        written.push_back(std::to_string(written.size()) + std::string(700, 'x'));
        at.append(1, written.back());
        at.run();
      }
    };
    write(7);  // over the end of a segment
    at.time->advance(100ms);
    at.run();
    write(7);
    const auto synced = at.log->synced_index().value;
    ASSERT_GE(synced, 7u);
    at.lose_power();
    at.options.left = unsynced_tail::lost;
    at.open();
    const auto found = at.texts();
    ASSERT_GE(found.size(), synced) << "seed " << seed;
    ASSERT_LE(found.size(), written.size());
    ASSERT_TRUE(std::equal(found.begin(), found.end(), written.begin())) << "seed " << seed;
    written.resize(found.size());
    write(3);
    at.time->advance(100ms);
    at.run();
    at.lose_power();
    at.open();
    EXPECT_EQ(at.texts(), written) << "seed " << seed;
  }
}

TEST(SyncIntervalPowerLoss, IsNotBelievedWhenReadsDiffer) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    simulated_log at{seed};
    at.options.sync_interval = 100ms;
    at.open();
    for (int i = 0; i < 5; ++i) {
      at.append(1, std::to_string(i));
      at.run();
    }
    at.time->advance(100ms);
    at.run();
    at.lose_power();
    at.options.left = unsynced_tail::lost;
    at.image.flip_bits_on_read(0.3);
    auto opened = at.try_open();
    at.image.mend();
    if (!opened) continue;  // and cut nothing
    EXPECT_EQ((*opened)->last_index().value, 5u) << "seed " << seed;
  }
}

TEST_F(SyncInterval, CompactsOnlyWhatIsSynced) {
  for (int i = 0; i < 4; ++i) {
    append(1, std::string(1000, 'x'));
    run();
  }
  append(1, "not the first of its segment");
  run();
  EXPECT_LT(log->synced_index(), log->durable_index());
  EXPECT_THROW(log->compact(log->durable_index(), {.bytes = 0}), std::exception);
  log->compact(log->synced_index(), {.bytes = 0});
  run();
  lose_power();
  come_back(unsynced_tail::lost);
  EXPECT_THAT(failures, IsEmpty());
}

}  // namespace
}  // namespace us::test
