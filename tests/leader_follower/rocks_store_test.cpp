// A replica's store with its records in RocksDB, on a real disk: what it is opened from after a
// crash at each step, and after its engine was changed.
#include "actors/leader_follower/open_store.hpp"
#include "actors/leader_follower/snapshot_blocks.hpp"
#include "runtime/live/live_disk.hpp"
#include "runtime/rocks/rocks_engine.hpp"
#include "tests/live/temporary_directory.hpp"
#include "tests/log/log_harness.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

namespace us::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class kept_lines final : public log_sink {
 public:
  void write(severity level, std::string_view what, std::initializer_list<log_field>) override {
    if (level == severity::event) events += std::string{what} + "\n";
  }
  std::string events;
};

class numbers final : public random_source {
 public:
  std::uint64_t next() override { return last_ += 2; }

 private:
  std::uint64_t last_ = 1;
};

class RocksStore : public testing::Test {
 protected:
  RocksStore() {
    auto opened = live_disk::open_directory(home_.path());
    if (!opened) throw std::runtime_error{opened.error().text};
    ports_.disk = *opened;
    ports_.executor = jobs_;
    ports_.clock = time_;
    ports_.random = std::make_shared<numbers>();
    ports_.log = said_;
    limits_.snapshot_bytes = UINT64_MAX / 2;
    limits_.log.segment_bytes = 1u << 16;
    limits_.retain.bytes = 0;
  }

  void open(const engine_ptr& engine) {
    auto opened = open_store(ports_, "lists/log", limits_, engine);
    if (!opened) throw std::runtime_error{opened.error().text};
    store_ = std::move(*opened);
    store_->log->attach(new_owner(), {});
    store_->snapshots->attach(new_owner(), *store_, limits_);
  }
  /// The process ends; what was not written to a file is gone.
  void crash() {
    jobs_->drop_all();
    store_.reset();
  }
  /// Entries up to `last`, each puts one of a hundred keys and opens a session; and one more, which
  /// is empty and stores that they are committed.
  void fill(std::uint64_t last) {
    while (store_->log->last_index().value < last) {
      const auto i = store_->log->last_index().value + 1;
      entry_content content;
      const auto key = "k" + std::to_string(i % 100);
      records_[key] = std::to_string(i) + std::string(300, '.');
      content.changes.push_back({change_kind::put, key, records_[key]});
      content.sessions.push_back({{i}, {1}});
      append(content);
      last_session_ = {i};
    }
    append({});
  }
  void append(const entry_content& content) {
    const auto next = store_->log->last_index().next();
    store_->append(encode_entry(next, {1}, content));
    jobs_->run_all();
    store_->commit_up_to(next);
  }
  void take_snapshot() {
    auto limits = limits_;
    limits.snapshot_bytes = 0;
    store_->snapshots->attach(new_owner(), *store_, limits);
    store_->snapshots->advance();
    run_snapshots();
    store_->snapshots->attach(new_owner(), *store_, limits_);
  }
  void run_snapshots() {
    // RocksDB's threads take their time, which is real.
    const auto limit = std::chrono::steady_clock::now() + 1min;
    while (store_->snapshots->taking() && std::chrono::steady_clock::now() < limit) {
      jobs_->run_all();
      time_->advance(20ms);
      store_->snapshots->advance();
      std::this_thread::yield();
    }
    ASSERT_FALSE(store_->snapshots->taking());
    jobs_->run_all();
  }
  /// Everything that was filled in.
  void expect_everything() {
    EXPECT_GE(store_->applied.value, last_session_.value);
    EXPECT_GE(store_->applied, store_->complete);
    EXPECT_EQ(store_->state->size(), records_.size());
    for (const auto& [key, value] : records_) {
      const auto got = store_->state->get(key);
      ASSERT_TRUE(got) << key;
      EXPECT_EQ(*got, value);
    }
    EXPECT_TRUE(store_->sessions.known(last_session_));
    EXPECT_TRUE(store_->standing.counts() || store_->standing.kind == standing_kind::fresh);
    store_->check_invariants();
  }
  std::vector<std::string> databases() const { return *ports_.disk->list("lists/records"); }
  std::string path_of_database() const { return home_ / ("lists/records/" + databases().front()); }

  const temporary_directory home_;
  std::shared_ptr<manual_executor> jobs_ = std::make_shared<manual_executor>();
  std::shared_ptr<manual_clock> time_ = std::make_shared<manual_clock>();
  std::shared_ptr<kept_lines> said_ = std::make_shared<kept_lines>();
  us::ports ports_;
  group_limits limits_;
  const engine_ptr rocks_ = rocks_engine();
  std::unique_ptr<replica_store> store_;
  std::map<std::string, std::string> records_;
  session_id last_session_;
};

TEST_F(RocksStore, WithoutASnapshotIsMadeOfTheLogAlone) {
  open(rocks_);
  fill(50);
  crash();
  open(rocks_);
  expect_everything();
  EXPECT_EQ(databases().size(), 1u) << "the former one is deleted";
}

TEST_F(RocksStore, GoesOnFromItsRecordsAndTheLogAfterThem) {
  open(rocks_);
  fill(1000);
  take_snapshot();
  const auto* newest = store_->snapshots->newest();
  ASSERT_NE(newest, nullptr);
  EXPECT_FALSE(newest->whole());
  EXPECT_EQ(newest->id.index.value, 1001u);
  EXPECT_GT(store_->log->first_index().value, 500u) << "the log was cut";
  fill(1100);
  const auto before = databases();
  crash();
  open(rocks_);
  expect_everything();
  EXPECT_EQ(databases(), before);
}

// The records are further than the snapshot: they are not applied again, sessions are.
TEST_F(RocksStore, GoesOnFromRecordsThatAreAheadOfTheirSnapshot) {
  open(rocks_);
  fill(200);
  take_snapshot();
  fill(300);
  ASSERT_TRUE(store_->state->stored()->settle());
  fill(310);
  crash();
  open(rocks_);
  expect_everything();
}

// The process ends between the records' becoming durable and the snapshot that names them.
TEST_F(RocksStore, DoesNotRelyOnASnapshotThatHasNoNameYet) {
  open(rocks_);
  fill(200);
  auto limits = limits_;
  limits.snapshot_bytes = 0;
  store_->snapshots->attach(new_owner(), *store_, limits);
  store_->snapshots->advance();
  ASSERT_TRUE(store_->snapshots->taking());
  ASSERT_TRUE(store_->state->stored()->settle());
  crash();
  open(rocks_);
  expect_everything();
}

TEST_F(RocksStore, WhoseRecordsAreGoneIsRebuiltFromTheOthers) {
  open(rocks_);
  fill(1000);
  take_snapshot();
  crash();
  std::filesystem::remove_all(path_of_database());
  open(rocks_);
  EXPECT_FALSE(store_->standing.counts());
  EXPECT_TRUE(store_->applied.none());
  EXPECT_THAT(said_->events, HasSubstr("will be rebuilt from the other replicas"));
  EXPECT_THAT(said_->events, HasSubstr("are gone"));
}

TEST_F(RocksStore, WhoseRecordsAreThoseOfAnotherReplicaIsRebuilt) {
  open(rocks_);
  fill(1000);
  take_snapshot();
  crash();
  const auto mine = path_of_database();
  {
    auto other = rocks_->make({ports_.disk, "elsewhere"}, 4711);
    ASSERT_TRUE(other);
    const state_change put{change_kind::put, "k1", "foreign"};
    (*other)->apply({&put, 1}, {{1001}, {1}});
    ASSERT_TRUE((*other)->stored()->settle());
  }
  std::filesystem::remove_all(mine);
  std::filesystem::rename(home_ / "elsewhere/0000000000001267", mine);
  open(rocks_);
  EXPECT_FALSE(store_->standing.counts());
  EXPECT_THAT(said_->events, HasSubstr("not those that its snapshot names"));
}

TEST_F(RocksStore, WhoseLogIsOlderThanItsRecordsIsRebuilt) {
  open(rocks_);
  fill(1000);
  take_snapshot();
  std::filesystem::copy(home_ / "lists/log", home_ / "older");
  fill(1100);
  ASSERT_TRUE(store_->state->stored()->settle());
  crash();
  std::filesystem::remove_all(home_ / "lists/log");
  std::filesystem::rename(home_ / "older", home_ / "lists/log");
  open(rocks_);
  EXPECT_FALSE(store_->standing.counts());
  EXPECT_THAT(said_->events, HasSubstr("do not go with the snapshot of entry 1001"));
}

TEST_F(RocksStore, WithDamagedRecordsIsRebuilt) {
  open(rocks_);
  fill(1000);
  take_snapshot();
  crash();
  std::ofstream{path_of_database() + "/CURRENT"} << "damage\n";
  open(rocks_);
  EXPECT_FALSE(store_->standing.counts());
  EXPECT_THAT(said_->events, HasSubstr("is damaged and will be rebuilt"));
}

TEST_F(RocksStore, TakesASnapshotWithTheRecordsOnlyForAFollower) {
  open(rocks_);
  fill(1000);
  take_snapshot();
  EXPECT_EQ(store_->snapshots->wanted(), nullptr);
  run_snapshots();
  const auto* whole = store_->snapshots->wanted();
  ASSERT_NE(whole, nullptr);
  EXPECT_TRUE(whole->whole());
  EXPECT_EQ(whole->records, 100u);
  const auto path = snapshots::path_of(*store_->snapshots->files(), *whole);
  std::map<std::string, std::string> read;
  const auto good = [](std::string_view) { return true; };
  auto info = read_snapshot(*ports_.disk, path, {good, [&](std::span<const state_change> records) {
                                                   for (const auto& r : records)
                                                     read.emplace(r.key, r.value);
                                                 }});
  ASSERT_TRUE(info) << info.error().text;
  EXPECT_EQ(read.size(), 100u);
  EXPECT_EQ(read.at("k99"), "999" + std::string(300, '.'));
  store_->snapshots->hold(whole->id);
  const auto id = whole->id;
  time_->advance(31s);
  store_->snapshots->release(id);
  store_->snapshots->advance();
  run_snapshots();
  EXPECT_FALSE(ports_.disk->open(path, open_mode::read)) << "nobody needs it any more";
}

TEST_F(RocksStore, TakesOverWhatTheMemoryEngineLeft) {
  open(memory_engine());
  fill(1000);
  take_snapshot();
  fill(1050);
  crash();
  open(rocks_);
  expect_everything();
  store_->snapshots->advance();
  run_snapshots();
  EXPECT_FALSE(store_->snapshots->newest()->whole());
  crash();
  open(rocks_);
  expect_everything();
}

TEST_F(RocksStore, LeavesToTheMemoryEngineWhatTheLogStillHas) {
  open(rocks_);
  fill(50);
  take_snapshot();  // one segment: nothing of the log is cut
  crash();
  open(memory_engine());
  expect_everything();
  EXPECT_TRUE(databases().empty());
}

TEST_F(RocksStore, IsRefusedByTheMemoryEngineWhenTheLogIsCut) {
  open(rocks_);
  fill(1000);
  take_snapshot();
  crash();
  auto opened = open_store(ports_, "lists/log", limits_, memory_engine());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, errc::invalid_config);
  EXPECT_THAT(opened.error().text, HasSubstr("set state = \"rocksdb\" again, or empty"));
  open(rocks_);
  expect_everything();
}

// A crash between the name of what a leader sent and the log that begins anew after it.
TEST_F(RocksStore, GoesOnFromWhatWasInstalledThoughTheLogIsStillTheFormerOne) {
  open(rocks_);
  fill(200);
  take_snapshot();
  crash();
  snapshot_info sent{{{5000}, {2}, 99}, {5000}, 1, 0, true, {"rocksdb", 4711}};
  {
    auto made = rocks_->make({ports_.disk, "lists/records"}, sent.store.number);
    ASSERT_TRUE(made);
    const state_change put{change_kind::put, "sent", "by the leader"};
    (*made)->apply({&put, 1}, {sent.id.index, sent.id.epoch});
    ASSERT_TRUE((*made)->stored()->settle());
  }
  const auto bytes =
      encode_snapshot_without_records(sent, session_table{}, epoch_history{}, configuration{});
  const snapshot_name name{sent.id.index, sent.id.salt, snapshot_kind::installed};
  std::ofstream{home_ / ("lists/snapshots/" + name.text()), std::ios::binary} << bytes;
  open(rocks_);
  EXPECT_EQ(store_->applied.value, 5000u);
  EXPECT_EQ(store_->log->last_index().value, 5000u);
  EXPECT_EQ(store_->state->size(), 1u);
  EXPECT_EQ(*store_->state->get("sent"), "by the leader");
  EXPECT_EQ(databases().size(), 1u) << "the former records are deleted";
}

// What a crash in the middle of an install leaves: records that no snapshot names.
TEST_F(RocksStore, DeletesRecordsThatWereNotFinished) {
  open(rocks_);
  fill(1000);
  take_snapshot();
  const auto before = databases();
  {
    auto half = rocks_->make({ports_.disk, "lists/records"}, 4711);
    ASSERT_TRUE(half);
    const state_change put{change_kind::put, "k1", "half"};
    (*half)->apply({&put, 1}, {{2000}, {2}});
    ASSERT_TRUE((*half)->stored()->settle());
  }
  ASSERT_EQ(databases().size(), 2u);
  crash();
  open(rocks_);
  expect_everything();
  EXPECT_EQ(databases(), before);
}

}  // namespace
}  // namespace us::test
