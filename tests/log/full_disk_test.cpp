// A disk without space: the log waits and goes on by itself; nothing is lost.
#include "tests/log/simulated_log.hpp"

#include <gmock/gmock.h>

namespace us::test {
namespace {

using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

struct FullDisk : testing::Test, simulated_log {
  FullDisk() { open(); }

  void fill(int entries) {
    for (int i = 0; i < entries; ++i) append(1, std::string(1000, 'x'));
    run();
  }
};

TEST_F(FullDisk, IsNoticedOneSegmentAhead) {
  fill(1);
  image.capacity(image.used());
  EXPECT_FALSE(log->full());
  fill(3);  // begins the second segment; the third cannot be made
  EXPECT_TRUE(log->full());
  EXPECT_EQ(durable, 4u) << "the second one still takes entries";
  bool stored = false;
  log->store_vote({{2}, {1}}, [&] { stored = true; });
  run();
  EXPECT_TRUE(stored) << "and votes";
  EXPECT_THAT(failures, IsEmpty());
}

TEST_F(FullDisk, KeepsEntriesWaitingUntilThereIsSpace) {
  image.capacity(8192);
  fill(10);
  EXPECT_TRUE(log->full());
  EXPECT_FALSE(log->idle());
  EXPECT_EQ(durable, 6u);
  EXPECT_THAT(log->cached({7}, 1), SizeIs(1)) << "what waits can be read from memory";
  time->advance(600ms);
  run();
  EXPECT_TRUE(log->full()) << "still no space";
  image.mend();
  run();
  EXPECT_TRUE(log->full()) << "it has not tried yet";
  time->advance(600ms);
  run();
  EXPECT_FALSE(log->full());
  EXPECT_EQ(durable, 10u);
  EXPECT_TRUE(log->idle());
  EXPECT_THAT(failures, IsEmpty());
}

TEST_F(FullDisk, LeavesNoHalfMadeSegment) {
  image.capacity(10'000);
  fill(10);
  EXPECT_THAT(files(), SizeIs(2));
  EXPECT_LE(image.used(), 8192u);
}

TEST_F(FullDisk, IsTriedAgainForTheNextOwner) {
  image.capacity(8192);
  fill(10);
  jobs->kill(owner);
  image.mend();
  std::uint64_t heard = 0;
  log->attach(new_owner(), {[&](log_index index) { heard = index.value; }, nullptr});
  run();
  EXPECT_FALSE(log->full());
  EXPECT_EQ(heard, 10u);
}

TEST_F(FullDisk, LetsALargeEntryWaitInOrder) {
  fill(1);
  image.capacity(image.used());
  append(1, std::string(20'000, 'y'));
  append(1, "small");
  run();
  EXPECT_TRUE(log->full());
  EXPECT_EQ(durable, 1u);
  image.mend();
  time->advance(600ms);
  run();
  EXPECT_EQ(durable, 3u);
}

TEST_F(FullDisk, AtTheVeryStartIsNoFailure) {
  lose_power();
  image.capacity(1);
  for (const auto& file : files()) ASSERT_TRUE(disk->remove(directory + "/" + file));
  open();
  append(1, "a");
  run();
  EXPECT_TRUE(log->full());
  image.mend();
  time->advance(600ms);
  run();
  EXPECT_EQ(durable, 1u);
}

TEST_F(FullDisk, AnyOtherErrorWhileMakingASegmentIsFinal) {
  fill(1);
  image.fail_syncs();
  fill(3);
  EXPECT_THAT(failures, SizeIs(1));
}

}  // namespace
}  // namespace us::test
