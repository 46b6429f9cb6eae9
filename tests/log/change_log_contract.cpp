#include "tests/log/change_log_contract.hpp"

#include "runtime/ensure.hpp"

#include <gmock/gmock.h>

namespace us::test {

using testing::ElementsAre;
using testing::IsEmpty;

ChangeLog::ChangeLog() : world(GetParam().make()) {
  open();
  attach();
}

void ChangeLog::open() {
  auto opened = world->open(jobs, time, options);
  if (!opened) throw std::runtime_error{opened.error().text};
  log = std::move(*opened);
}

void ChangeLog::attach() {
  log->attach(owner, {[this](log_index index) { durable.push_back(index.value); },
                      [this](const failure& why) { failures.push_back(why); }});
}

void ChangeLog::crash_and_open() {
  log.reset();
  jobs->drop_all();
  world->crash();
  durable.clear();
  owner = new_owner();
  open();
  attach();
}

void ChangeLog::append(std::uint64_t epoch, std::string text, std::uint64_t commit) {
  log->append({log->last_index().next(), {epoch}, bytes_of(std::move(text))}, {commit});
}

void ChangeLog::append_many(int count, std::uint64_t epoch) {
  for (int i = 0; i < count; ++i) append(epoch, std::string(400, static_cast<char>('a' + i % 26)));
  run();
}

std::vector<std::string> ChangeLog::replayed() {
  std::vector<std::string> texts;
  auto ended = log->replay(log->first_index(), log->last_index(),
                           [&](const log_entry& entry) { texts.push_back(*entry.bytes); });
  if (!ended) ADD_FAILURE() << ended.error().text;
  return texts;
}

result<std::vector<log_entry>> ChangeLog::read(std::uint64_t first, std::size_t bytes_max) {
  result<std::vector<log_entry>> got = failure{errc::none, "no answer"};
  log->read({first}, bytes_max, [&](auto answer) { got = std::move(answer); });
  run();
  return got;
}

TEST_P(ChangeLog, IsEmptyWhenNew) {
  EXPECT_EQ(log->first_index().value, 1u);
  EXPECT_EQ(log->last_index().value, 0u);
  EXPECT_EQ(log->last_epoch().value, 0u);
  EXPECT_EQ(log->epoch_at({0}), epoch{0});
  EXPECT_EQ(log->epoch_at({1}), std::nullopt);
  EXPECT_EQ(log->durable_index().value, 0u);
  EXPECT_TRUE(log->vote().epoch.none());
  EXPECT_TRUE(log->idle());
  EXPECT_FALSE(log->full());
}

TEST_P(ChangeLog, AnswersWhenAnEntryIsDurable) {
  append(1, "a");
  EXPECT_EQ(log->last_index().value, 1u);
  EXPECT_EQ(log->durable_index().value, 0u);
  EXPECT_FALSE(log->idle());
  run();
  EXPECT_THAT(durable, ElementsAre(1));
  EXPECT_EQ(log->durable_index().value, 1u);
  EXPECT_TRUE(log->idle());
}

TEST_P(ChangeLog, CallsNobodyFromWithinAppend) {
  append(1, "a");
  log->store_vote({{1}, {7}}, [] { FAIL() << "called from within store_vote"; });
  EXPECT_THAT(durable, IsEmpty());
}

TEST_P(ChangeLog, PutsWhatIsAppendedMeanwhileIntoOneGroup) {
  append(1, "first");
  run();
  auto before = jobs->jobs_done();
  append(1, "in flight");
  for (int i = 0; i < 10; ++i) append(1, "waiting");
  run();
  EXPECT_EQ(jobs->jobs_done() - before, 2u);
  EXPECT_THAT(durable, ElementsAre(1, 2, 12));
}

TEST_P(ChangeLog, KeepsDurableEntriesAcrossACrash) {
  append(1, "a");
  append(1, "b");
  append(2, "c");
  run();
  crash_and_open();
  EXPECT_EQ(log->last_index().value, 3u);
  EXPECT_EQ(log->durable_index().value, 3u);
  EXPECT_EQ(log->last_epoch().value, 2u);
  EXPECT_THAT(replayed(), ElementsAre("a", "b", "c"));
}

TEST_P(ChangeLog, KeepsNothingThatWasNeverWritten) {
  append(1, "a");
  run();
  append(1, "b");
  crash_and_open();
  EXPECT_THAT(replayed(), ElementsAre("a"));
}

TEST_P(ChangeLog, KnowsTheEpochOfEveryEntry) {
  for (auto e : {1, 1, 3, 3, 7}) append(static_cast<std::uint64_t>(e), "x");
  auto check = [this] {
    EXPECT_EQ(log->epoch_at({0}), epoch{0});
    EXPECT_EQ(log->epoch_at({2}), epoch{1});
    EXPECT_EQ(log->epoch_at({3}), epoch{3});
    EXPECT_EQ(log->epoch_at({5}), epoch{7});
    EXPECT_EQ(log->epoch_at({6}), std::nullopt);
  };
  check();
  run();
  crash_and_open();
  check();
}

TEST_P(ChangeLog, KeepsTheVoteAcrossACrash) {
  bool stored = false;
  log->store_vote({{4}, {9}}, [&] { stored = true; });
  EXPECT_EQ(log->vote().candidate.value, 9u);
  EXPECT_FALSE(stored);
  run();
  EXPECT_TRUE(stored);
  crash_and_open();
  EXPECT_EQ(log->vote().epoch.value, 4u);
  EXPECT_EQ(log->vote().candidate.value, 9u);
}

TEST_P(ChangeLog, KeepsTheNewestVote) {
  log->store_vote({{4}, {}}, nullptr);
  log->store_vote({{4}, {9}}, nullptr);
  run();
  append(4, "a");
  log->store_vote({{5}, {}}, nullptr);
  run();
  crash_and_open();
  EXPECT_EQ(log->vote().epoch.value, 5u);
  EXPECT_TRUE(log->vote().candidate.none());
}

TEST_P(ChangeLog, RefusesAVoteThatGoesBack) {
  log->store_vote({{4}, {9}}, nullptr);
  EXPECT_THROW(log->store_vote({{3}, {9}}, nullptr), invariant_violation);
  EXPECT_THROW(log->store_vote({{4}, {8}}, nullptr), invariant_violation);
}

TEST_P(ChangeLog, KeepsTheCommitIndexAsAHint) {
  append(1, "a", 0);
  append(1, "b", 1);
  append(1, "c", 2);
  EXPECT_EQ(log->stored_commit().value, 2u);
  run();
  crash_and_open();
  EXPECT_EQ(log->stored_commit().value, 2u);
}

TEST_P(ChangeLog, TruncatesAtOnceAndDurably) {
  for (const auto* text : {"a", "b", "c", "d"}) append(1, text);
  run();
  log->truncate_after({2});
  EXPECT_EQ(log->last_index().value, 2u);
  EXPECT_EQ(log->durable_index().value, 2u);
  EXPECT_EQ(log->epoch_at({3}), std::nullopt);
  append(2, "C");
  run();
  EXPECT_EQ(durable.back(), 3u);
  crash_and_open();
  EXPECT_THAT(replayed(), ElementsAre("a", "b", "C"));
  EXPECT_EQ(log->last_epoch().value, 2u);
}

TEST_P(ChangeLog, TruncatesWhatIsOnItsWay) {
  append(1, "a");
  run();
  append(1, "b");
  append(1, "c");  // b is in flight, c waits
  log->truncate_after({1});
  append(2, "B");
  run();
  for (auto index : durable) EXPECT_LE(index, 2u);
  EXPECT_EQ(log->durable_index().value, 2u);
  EXPECT_THAT(replayed(), ElementsAre("a", "B"));
  crash_and_open();
  EXPECT_THAT(replayed(), ElementsAre("a", "B"));
}

TEST_P(ChangeLog, AnswersAVoteBehindATruncation) {
  append(1, "a");
  append(1, "b");
  append(1, "c");
  bool stored = false;
  log->store_vote({{2}, {5}}, [&] { stored = true; });
  log->truncate_after({1});
  run();
  EXPECT_TRUE(stored);
  EXPECT_TRUE(log->idle());
}

TEST_P(ChangeLog, GivesCachedEntriesByBytes) {
  for (const auto* text : {"1111", "2222", "3333"}) append(1, text);
  EXPECT_EQ(log->cached({1}, 8).size(), 2u);
  EXPECT_EQ(log->cached({1}, 1).size(), 1u);
  EXPECT_EQ(*log->cached({2}, 100).at(1).bytes, "3333");
  EXPECT_THAT(log->cached({4}, 100), IsEmpty());
}

TEST_P(ChangeLog, BoundsTheCacheAndReadsTheRestFromTheDisk) {
  for (int i = 1; i <= 50; ++i) append(1, std::string(100, static_cast<char>('a' + i % 26)));
  EXPECT_FALSE(log->cached({1}, 1).empty()) << "not durable yet: it can be read from nowhere else";
  run();
  EXPECT_TRUE(log->cached({1}, 1).empty());
  EXPECT_FALSE(log->cached({50}, 1).empty());
  std::uint64_t next = 1;
  while (next <= 50) {
    auto got = read(next, 300);
    ASSERT_TRUE(got) << got.error().text;
    ASSERT_FALSE(got->empty());
    ASSERT_LE(got->size(), 3u);
    for (const auto& entry : *got) {
      ASSERT_EQ(entry.index.value, next);
      ASSERT_EQ(*entry.bytes, std::string(100, static_cast<char>('a' + next % 26)));
      ++next;
    }
  }
}

TEST_P(ChangeLog, ReadsAtLeastOneEntryHoweverLarge) {
  append(1, std::string(3000, 'x'));
  append(1, "y");
  run();
  crash_and_open();
  auto got = read(1, 10);
  ASSERT_TRUE(got) << got.error().text;
  ASSERT_EQ(got->size(), 1u);
  EXPECT_EQ(*got->front().bytes, std::string(3000, 'x'));
}

TEST_P(ChangeLog, ReadsNoEntryThatIsNotThere) {
  append(1, "a");
  run();
  auto got = read(2, 10);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, errc::not_found);
}

TEST_P(ChangeLog, TakesEmptyAndLargeEntries) {
  append(1, "");
  append(1, std::string(100'000, 'x'));
  append(1, "");
  run();
  EXPECT_EQ(durable.back(), 3u);
  crash_and_open();
  EXPECT_THAT(replayed(), ElementsAre("", std::string(100'000, 'x'), ""));
}

TEST_P(ChangeLog, AlignsEntriesToWords) {
  append(1, "12345678");
  append(1, "1");
  append(1, std::string(100, 'x'));
  run();
  crash_and_open();
  auto got = read(1, 1000);
  ASSERT_TRUE(got);
  for (const auto& entry : *got)
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(entry.bytes->data()) % 8, 0u);
}

TEST_P(ChangeLog, ReplaysAPart) {
  for (const auto* text : {"a", "b", "c", "d"}) append(1, text);
  run();
  std::vector<std::uint64_t> indices;
  ASSERT_TRUE(log->replay({2}, {3}, [&](const log_entry& e) { indices.push_back(e.index.value); }));
  EXPECT_THAT(indices, ElementsAre(2, 3));
  auto beyond = log->replay({2}, {5}, [](const log_entry&) {});
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().code, errc::not_found);
}

TEST_P(ChangeLog, TellsTheNextOwnerWhatWasInFlight) {
  append(1, "a");
  run();
  append(1, "b");
  jobs->kill(owner);  // its answer goes to an actor that is gone
  auto former = durable;
  std::vector<std::uint64_t> heard;
  log->attach(new_owner(), {[&](log_index i) { heard.push_back(i.value); }, nullptr});
  run();
  EXPECT_THAT(heard, ElementsAre(2));
  EXPECT_EQ(durable, former);
  EXPECT_TRUE(log->idle());
}

TEST_P(ChangeLog, TellsAFormerOwnerNothing) {
  append(1, "a");
  log->store_vote({{1}, {3}}, [] { FAIL() << "a vote of a former owner was answered"; });
  log->read({1}, 10, [](auto) { FAIL() << "a read of a former owner was answered"; });
  log->attach(new_owner(), {nullptr, nullptr});  // the former one is still alive
  run();
  EXPECT_THAT(durable, IsEmpty());
  EXPECT_EQ(log->durable_index().value, 1u);
  EXPECT_EQ(log->vote().candidate.value, 3u);
}

TEST_P(ChangeLog, MayBeDestroyedWithAJobInFlight) {
  append(1, "a");
  append(1, "b");
  log.reset();
  run();
  EXPECT_THAT(durable, IsEmpty());
}

TEST_P(ChangeLog, MayBeDestroyedFromItsOwnCallback) {
  log->attach(owner, {[this](log_index) { log.reset(); }, nullptr});
  log->append({{1}, {1}, bytes_of("a")}, {});
  log->store_vote({{1}, {3}}, [] { FAIL() << "the log was gone"; });
  run();
  EXPECT_EQ(log, nullptr);
}

TEST_P(ChangeLog, CountsItsBytesOnTheDisk) {
  for (int i = 0; i < 20; ++i) append(1, std::string(1000, 'x'));
  run();
  EXPECT_GE(log->disk_bytes(), 20'000u);
}

}  // namespace us::test
