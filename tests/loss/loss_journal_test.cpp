// What a replica's loss journal knows: noted once, durable before it is told, and what became of
// it.
#include "runtime/loss/loss_journal.hpp"
#include "runtime/simulation/sim_disk.hpp"
#include "tests/log/log_harness.hpp"
#include "tests/loss/sample_losses.hpp"

#include <gtest/gtest.h>

namespace us::test {
namespace {

using lines = std::vector<std::string>;

class no_log final : public log_sink {
 public:
  void write(severity, std::string_view, std::initializer_list<log_field>) override {}
};

class Journal : public testing::Test {
 protected:
  Journal() { open(); }

  void open() {
    ports with;
    with.clock = clock;
    with.executor = jobs;
    with.disk = disk;
    with.log = std::make_shared<no_log>();
    auto opened = loss_journal::open(with, directory, 1 << 20);
    ASSERT_TRUE(opened) << opened.error().text;
    journal = std::move(*opened);
    journal->attach(new_owner(),
                    [this](const loss_journal& now) { lost = now.lost(loss_kind::ACKNOWLEDGED); });
  }
  /// The process loses power.
  void crash() {
    journal.reset();
    jobs->drop_all();
    access->close();
    image.lose_unsynced();
    access = std::make_shared<sim::disk_access>(image);
    disk = sim::make_disk_port(access);
    open();
  }
  void add(std::vector<loss> losses) {
    journal->add(std::move(losses), [this](const result<std::vector<loss>>& noted) {
      ++answers;
      if (noted) news += (*noted).size();
    });
  }
  /// What a failed sync leaves is a matter of chance.
  void add_and_fail_to_sync(std::vector<loss> losses) {
    image.fail_syncs(1);
    add(std::move(losses));
    jobs->run_all();
    image.fail_syncs(0);
  }
  lines on_disk() { return read_losses(*disk, directory).lines; }

  const std::string directory = "kv/losses";
  sim::disk_image image{sim::random_stream{1}};
  std::shared_ptr<sim::disk_access> access = std::make_shared<sim::disk_access>(image);
  std::shared_ptr<us::disk> disk = sim::make_disk_port(access);
  std::shared_ptr<manual_clock> clock = std::make_shared<manual_clock>();
  std::shared_ptr<manual_executor> jobs = std::make_shared<manual_executor>();
  std::unique_ptr<loss_journal> journal;
  int answers = 0;
  std::size_t news = 0;
  std::size_t lost = 99;
};

TEST_F(Journal, TellsOnlyOnceItIsDurable) {
  EXPECT_EQ(lost, 0u) << "told when it was attached";
  add({sample_loss(1, 1), sample_loss(1, 2)});
  EXPECT_FALSE(journal->has({{1}, {1}, 0}));
  EXPECT_EQ(answers, 0);
  jobs->run_all();
  EXPECT_EQ(answers, 1);
  EXPECT_TRUE(journal->has({{1}, {1}, 0}));
  EXPECT_EQ(lost, 2u);
  crash();
  EXPECT_TRUE(journal->has({{1}, {2}, 0}));
  EXPECT_EQ(lost, 2u);
}

TEST_F(Journal, NotesTheSameLossOnce) {
  add({sample_loss(1, 1)});
  jobs->run_all();
  add({sample_loss(1, 1), sample_loss(1, 2)});
  jobs->run_all();
  EXPECT_EQ(news, 2u);
  EXPECT_EQ(on_disk(), (lines{"loss 1 1 0", "loss 1 2 0"}));
}

// Its owner ends between the write and its answer.
TEST_F(Journal, WhatItsFormerOwnerAskedForIsNotedOnce) {
  add({sample_loss(1, 1)});
  journal->attach(new_owner(), {});
  add({sample_loss(1, 1), sample_loss(1, 2)});
  EXPECT_FALSE(journal->has({{1}, {1}, 0}));
  jobs->run_all();
  EXPECT_EQ(answers, 1) << "the former owner is not answered";
  EXPECT_EQ(news, 2u) << "to the one that is";
  EXPECT_TRUE(journal->has({{1}, {1}, 0}));
  EXPECT_EQ(on_disk(), (lines{"loss 1 1 0", "loss 1 2 0"}));
  EXPECT_EQ(journal->lost(loss_kind::ACKNOWLEDGED), 2u);
  crash();
  EXPECT_EQ(journal->lost(loss_kind::ACKNOWLEDGED), 2u);
}

// The next owner may ask for nothing, and commit the entry at once.
TEST_F(Journal, AnEntryThatIsCommittedBeforeItIsNotedIsNotLost) {
  add({sample_loss(1, 1), sample_loss(1, 2)});
  ASSERT_TRUE(jobs->run_job(lane::log));
  journal->attach(new_owner(), {});
  EXPECT_TRUE(journal->watching());
  journal->entry_survived({1}, {1});
  EXPECT_FALSE(journal->idle());
  jobs->run_all();
  EXPECT_TRUE(journal->has({{1}, {2}, 0}));
  EXPECT_EQ(on_disk(), (lines{"loss 1 1 0", "loss 1 2 0", "mark 1 1 survived"}));
  EXPECT_EQ(journal->lost(loss_kind::ACKNOWLEDGED), 1u);
}

TEST_F(Journal, WhatTheDiskDidNotTakeOfItsFormerOwnerIsTold) {
  image.fail_writes(1);
  add({sample_loss(1, 1)});
  ASSERT_TRUE(jobs->run_job(lane::log));
  image.fail_writes(0);
  journal->attach(new_owner(), {});
  add({sample_loss(1, 1), sample_loss(1, 2)});
  jobs->run_all();
  EXPECT_EQ(answers, 1);
  EXPECT_EQ(news, 0u) << "it has to ask anew";
  EXPECT_FALSE(journal->has({{1}, {1}, 0}));
  add({sample_loss(1, 1), sample_loss(1, 2)});
  jobs->run_all();
  EXPECT_TRUE(journal->has({{1}, {1}, 0}));
  EXPECT_EQ(on_disk().size(), 2u);
  EXPECT_EQ(journal->lost(loss_kind::ACKNOWLEDGED), 2u);
}

TEST_F(Journal, ADiskThatFailsNotesNothing) {
  image.fail_writes(1);
  add({sample_loss(1, 1)});
  jobs->run_all();
  EXPECT_EQ(answers, 1);
  EXPECT_EQ(news, 0u);
  EXPECT_FALSE(journal->has({{1}, {1}, 0}));
  image.fail_writes(0);
  add({sample_loss(1, 1)});
  jobs->run_all();
  EXPECT_EQ(on_disk(), lines{"loss 1 1 0"});
}

// The replica fails with its disk and is started again: what it finds written by then was never
// synced, and it relies on it all the same.
TEST_F(Journal, MakesDurableWhatAFailedSyncLeft) {
  for (std::uint64_t i = 1; i <= 20; ++i) {
    add({sample_loss(1, 2 * i)});
    jobs->run_all();
    add_and_fail_to_sync({sample_loss(1, 2 * i + 1)});
    journal.reset();
    open();
    ASSERT_TRUE(journal->has({{1}, {2 * i + 1}, 0})) << "it is in the cache";
    crash();
    ASSERT_TRUE(journal->has({{1}, {2 * i + 1}, 0})) << i;
  }
}

// It goes on meanwhile, in another file: then that is the one that is opened.
TEST_F(Journal, MakesDurableWhatAFailedSyncLeftBeforeItGoesOnElsewhere) {
  for (std::uint64_t i = 1; i <= 20; ++i) {
    add({sample_loss(1, 3 * i)});
    jobs->run_all();
    add_and_fail_to_sync({sample_loss(1, 3 * i + 1)});
    add({sample_loss(1, 3 * i + 2)});
    jobs->run_all();
    crash();
    ASSERT_TRUE(journal->has({{1}, {3 * i + 1}, 0})) << i;
  }
}

TEST_F(Journal, AnEntryThatIsCommittedAfterAllIsNotLost) {
  auto rest = sample_loss(1, 4, rest_of_entry);
  rest.kind = loss_kind::UNACKNOWLEDGED;
  add({sample_loss(1, 4, 0), sample_loss(1, 4, 1), rest, sample_loss(2, 4), sample_loss(1, 5)});
  jobs->run_all();
  journal->entry_survived({1}, {4});
  EXPECT_EQ(lost, 2u);
  EXPECT_EQ(journal->lost(loss_kind::UNACKNOWLEDGED), 0u);
  EXPECT_FALSE(journal->idle());
  jobs->run_all();
  EXPECT_TRUE(journal->idle());
  crash();
  EXPECT_EQ(lost, 2u) << "the marks are durable";
}

TEST_F(Journal, ARequestThatIsExecutedAgainIsNotLost) {
  auto other = sample_loss(2, 8);
  other.sequence = {1};
  add({sample_loss(1, 1), other, sample_loss(1, 3)});
  jobs->run_all();
  journal->request_executed({7}, {1}, true);
  EXPECT_EQ(lost, 1u) << "it was lost twice and is executed now";
  journal->request_executed({7}, {1}, true);
  journal->request_executed({8}, {3}, true);
  EXPECT_EQ(lost, 1u);
  jobs->run_all();
  EXPECT_EQ(on_disk().size(), 5u) << "three losses, two marks";
}

TEST_F(Journal, ARetryThatChangesNothingIsToldApart) {
  add({sample_loss(1, 1)});
  jobs->run_all();
  journal->request_executed({7}, {1}, false);
  jobs->run_all();
  EXPECT_EQ(on_disk(), (lines{"loss 1 1 0", "mark 1 1 executed again without effect"}));
}

TEST_F(Journal, SettlesOnlyWhatIsStillLost) {
  add({sample_loss(1, 1), sample_loss(1, 2), sample_loss(1, 3)});
  jobs->run_all();
  journal->entry_survived({1}, {1});
  std::vector<std::uint64_t> asked;
  journal->settle([&](const loss_key& key, session_id, request_sequence) {
    asked.push_back(key.index.value);
    return key.index == log_index{2} ? loss_state::UNCERTAIN : loss_state::LOST;
  });
  EXPECT_EQ(asked, (std::vector<std::uint64_t>{2, 3}));
  EXPECT_EQ(lost, 1u);
  jobs->run_all();
  EXPECT_EQ(on_disk(), (lines{"loss 1 1 0", "loss 1 2 0", "loss 1 3 0", "mark 1 1 survived",
                              "mark 1 2 uncertain"}));
}

struct JournalWithAMarkThatTheDiskDidNotTake : Journal {
  JournalWithAMarkThatTheDiskDidNotTake() {
    add({sample_loss(1, 1)});
    jobs->run_all();
    image.fail_writes(1);
    journal->entry_survived({1}, {1});
    jobs->run_all();
  }
};

// Nothing else needs to happen: while marks wait no snapshot is taken, and the log grows.
TEST_F(JournalWithAMarkThatTheDiskDidNotTake, WritesItByItself) {
  using namespace std::chrono_literals;
  for (int i = 0; i < 100; ++i) {
    clock->advance(1s);
    jobs->run_all();
  }
  EXPECT_FALSE(journal->idle());
  EXPECT_LT(jobs->jobs_done(), 20u) << "less and less often";
  image.fail_writes(0);
  clock->advance(30s);
  jobs->run_all();
  EXPECT_TRUE(journal->idle());
  EXPECT_EQ(on_disk(), (lines{"loss 1 1 0", "mark 1 1 survived"}));
  clock->advance(1h);
  EXPECT_EQ(jobs->waiting(lane::log), 0u);
}

// The former owner's timer is nobody's.
TEST_F(JournalWithAMarkThatTheDiskDidNotTake, WritesItForTheNextOwnerAtOnce) {
  using namespace std::chrono_literals;
  image.fail_writes(0);
  journal->attach(new_owner(), {});
  jobs->run_all();
  EXPECT_TRUE(journal->idle());
  clock->advance(1h);
  EXPECT_EQ(jobs->waiting(lane::log), 0u);
}

// Marks on their way when the power fails are found anew from the log, by whoever opens it.
TEST_F(Journal, MarksThatACrashTookAreMadeAgain) {
  add({sample_loss(1, 1)});
  jobs->run_all();
  journal->entry_survived({1}, {1});
  crash();
  EXPECT_EQ(lost, 1u);
  EXPECT_TRUE(journal->watching());
  journal->entry_survived({1}, {1});
  jobs->run_all();
  EXPECT_FALSE(journal->watching());
}

}  // namespace
}  // namespace us::test
