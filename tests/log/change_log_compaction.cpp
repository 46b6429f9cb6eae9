// The contract's part on logs that forget their beginning.
#include "runtime/ensure.hpp"
#include "tests/log/change_log_contract.hpp"

#include <gmock/gmock.h>

namespace us::test {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_P(ChangeLog, ForgetsWhatASnapshotCovers) {
  append_many(60);
  log->compact({40}, {.bytes = 0});
  run();
  const auto first = log->first_index();
  EXPECT_GT(first.value, 1u);
  EXPECT_LE(first.value, 41u);
  EXPECT_EQ(log->epoch_at(first.previous()), epoch{1});
  EXPECT_EQ(log->epoch_at({first.value - 2}), std::nullopt);
  auto gone = read(first.value - 1, 10);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, errc::not_found);
  ASSERT_TRUE(read(first.value, 10));
  append(2, "after");
  run();
  crash_and_open();
  EXPECT_LE(log->first_index(), first);
  EXPECT_EQ(log->last_index().value, 61u);
  EXPECT_EQ(log->last_epoch().value, 2u);
  EXPECT_EQ(replayed().back(), "after");
}

TEST_P(ChangeLog, KeepsEntriesForFollowersThatComeBack) {
  append_many(60);
  log->compact({60}, {.bytes = 1u << 30});
  EXPECT_EQ(log->first_index().value, 1u);
}

TEST_P(ChangeLog, ForgetsEntriesThatBecameTooOld) {
  if (!GetParam().forgets_by_age) GTEST_SKIP() << "it is a log for comparison only";
  const auto keep = [](int hours) {
    return log_retention{.bytes = 1u << 30, .age = std::chrono::hours{hours}};
  };
  append_many(30);
  time->advance(std::chrono::hours{2});
  append_many(30);
  log->compact({60}, keep(3));
  EXPECT_EQ(log->first_index().value, 1u) << "all of them are younger";
  log->compact({60}, keep(2));
  run();
  const auto first = log->first_index().value;
  EXPECT_GT(first, 1u);
  EXPECT_LE(first, 31u) << "what came later is younger";
  time->advance(std::chrono::hours{1});
  log->compact({60}, keep(2));
  EXPECT_EQ(log->first_index().value, first);
  time->advance(std::chrono::hours{1});
  log->compact({60}, keep(2));
  run();
  EXPECT_GT(log->first_index().value, 31u);
  EXPECT_LE(log->first_index().value, 60u) << "the current segment stays";
}

TEST_P(ChangeLog, CountsTheAgeOfWhatItFindsFromItsStart) {
  if (!GetParam().forgets_by_age) GTEST_SKIP() << "it is a log for comparison only";
  append_many(60);
  time->advance(std::chrono::hours{5});
  crash_and_open();
  const log_retention keep{.bytes = 1u << 30, .age = std::chrono::hours{2}};
  log->compact(log->synced_index(), keep);
  EXPECT_EQ(log->first_index().value, 1u);
  time->advance(std::chrono::hours{2});
  log->compact(log->synced_index(), keep);
  run();
  EXPECT_GT(log->first_index().value, 1u);
}

TEST_P(ChangeLog, KeepsTheVoteWhenItForgets) {
  log->store_vote({{7}, {3}}, nullptr);
  append_many(60);
  log->compact({60}, {.bytes = 0});
  run();
  crash_and_open();
  EXPECT_EQ(log->vote().epoch.value, 7u);
  EXPECT_EQ(log->vote().candidate.value, 3u);
}

TEST_P(ChangeLog, ForgetsNothingThatIsNotDurable) {
  append_many(10);
  append(1, "on its way");
  EXPECT_THROW(log->compact({11}, {.bytes = 0}), invariant_violation);
}

TEST_P(ChangeLog, BeginsAfterASnapshotOfAnotherReplica) {
  append_many(10);
  log->store_vote({{7}, {3}}, nullptr);
  log->begin_after({100}, {5});
  EXPECT_EQ(log->first_index().value, 101u);
  EXPECT_EQ(log->last_index().value, 100u);
  EXPECT_EQ(log->last_epoch().value, 5u);
  EXPECT_EQ(log->epoch_at({100}), epoch{5});
  EXPECT_EQ(log->durable_index().value, 100u);
  EXPECT_TRUE(log->cached({5}, 100).empty());
  append(7, "next");
  run();
  EXPECT_EQ(durable.back(), 101u);
  EXPECT_EQ(*(*read(101, 10)).front().bytes, "next");
  crash_and_open();
  EXPECT_EQ(log->first_index().value, 101u);
  EXPECT_THAT(replayed(), ElementsAre("next"));
  EXPECT_EQ(log->epoch_at({100}), epoch{5});
  EXPECT_EQ(log->stored_commit().value, 100u);
  EXPECT_EQ(log->vote().epoch.value, 7u);
}

TEST_P(ChangeLog, BeginsAnewWhileAGroupIsOnItsWay) {
  append_many(10);
  append(1, "in flight");
  append(1, "waits");
  log->begin_after({4}, {1});  // behind what it holds: that was never committed
  append(2, "next");
  run();
  for (auto index : durable) EXPECT_NE(index, 12u);
  EXPECT_EQ(log->durable_index().value, 5u);
  append_many(60, 2);
  log->compact({40}, {.bytes = 0});
  run();
  EXPECT_EQ(log->last_index().value, 65u);
  crash_and_open();
  EXPECT_EQ(log->last_index().value, 65u);
  EXPECT_GE(log->first_index().value, 5u);
}

}  // namespace us::test
