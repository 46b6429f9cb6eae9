// What a state in RocksDB is after a crash, and how damage shows. A state that is dropped leaves on
// the disk what a process that is killed would: nothing is written out at the end.
#include "runtime/live/live_disk.hpp"
#include "runtime/rocks/database.hpp"
#include "runtime/rocks/rocks_engine.hpp"
#include "tests/cluster/small_disk.hpp"
#include "tests/live/temporary_directory.hpp"
#include "tests/state/state_contract.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <thread>

namespace us::test {
namespace {

using testing::HasSubstr;

std::shared_ptr<disk> open_disk(const std::string& directory) {
  auto opened = live_disk::open_directory(directory);
  if (!opened) throw std::runtime_error{opened.error().text};
  return *opened;
}

std::unique_ptr<us::state> fresh_state() {
  static const temporary_directory home;
  static const auto where = open_disk(home.path());
  static const auto engine = rocks_engine();
  static std::uint64_t number = 0;
  auto made = engine->make({where, "records"}, ++number);
  if (!made) throw std::runtime_error{made.error().text};
  return std::move(*made);
}

INSTANTIATE_TEST_SUITE_P(InRocksDb, State, testing::Values(state_kind{"RocksDbState", fresh_state}),
                         [](const auto& about) { return about.param.name; });

class RocksState : public testing::Test {
 protected:
  static constexpr std::uint64_t number = 42;
  const store_name name_{"rocksdb", number};
  const temporary_directory home_;
  const record_place place_{open_disk(home_.path()), "lists/records"};
  const engine_ptr engine_ = rocks_engine({.memtable_bytes = 64u << 10});

  std::unique_ptr<us::state> make() {
    auto made = engine_->make(place_, number);
    if (!made) throw std::runtime_error{made.error().text};
    return std::move(*made);
  }
  std::unique_ptr<us::state> reopen() {
    auto opened = engine_->open(place_, name_);
    if (!opened) throw std::runtime_error{opened.error().text};
    return std::move(*opened);
  }
  failure trouble() {
    auto opened = engine_->open(place_, name_);
    return opened ? failure{} : opened.error();
  }
  /// Entries up to `last`; each puts "k<index>" and counts in "newest".
  static void fill(us::state& into, std::uint64_t last) {
    for (auto i = into.applied().index.value + 1; i <= last; ++i) {
      const auto key = "k" + std::to_string(i);
      const auto text = std::to_string(i);
      const std::vector<state_change> changes{{change_kind::put, key, std::string_view{padding()}},
                                              {change_kind::put, "newest", text}};
      into.apply(changes, {{i}, {1}});
    }
  }
  static const std::string& padding() {
    static const std::string text(200, 'p');
    return text;
  }
  /// RocksDB's threads write it.
  static bool written_up_to(us::state& which, std::uint64_t index) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes{1};
    while (std::chrono::steady_clock::now() < limit) {
      auto written = which.stored()->written();
      if (!written) return false;
      if (written->value >= index) return true;
      std::this_thread::yield();
    }
    return false;
  }
  /// Opens it and reads everything; empty: all is well.
  std::string found_while_read() try {
    const auto state = reopen();
    for (int i = 1; i <= 1000; ++i) (void)state->get("k" + std::to_string(i));
    return "";
  } catch (const state_failure& e) {
    EXPECT_EQ(e.why().code, errc::corrupted);
    return e.why().text;
  }
  static std::string bytes_of(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }
  std::vector<std::filesystem::path> tables() const {
    std::vector<std::filesystem::path> found;
    for (const auto& file :
         std::filesystem::directory_iterator{place_.where->real_path(directory_of(place_, number))})
      if (file.path().extension() == ".sst") found.push_back(file.path());
    return found;
  }
};

TEST_F(RocksState, IsAfterACrashWhatItWasWhenItWasWrittenOut) {
  auto state = make();
  fill(*state, 10);
  state->stored()->write_out();
  ASSERT_TRUE(state->ready({10}));
  fill(*state, 15);
  ASSERT_TRUE(written_up_to(*state, 10));
  state.reset();
  state = reopen();
  EXPECT_EQ(state->applied(), (entry_id{{10}, {1}}));
  EXPECT_EQ(state->size(), 11u);
  EXPECT_EQ(*state->get("newest"), "10");
  EXPECT_FALSE(state->get("k11"));
  fill(*state, 15);
  EXPECT_EQ(state->size(), 16u);
  EXPECT_EQ(*state->get("newest"), "15");
}

TEST_F(RocksState, IsNotReadyWhileItWaitsForTheLogToSyncWhatItHas) {
  auto state = make();
  fill(*state, 10);
  state->stored()->write_out();
  EXPECT_FALSE(state->ready({9}));
  EXPECT_EQ(state->stored()->written()->value, 0u);
  EXPECT_TRUE(state->ready({10}));
  EXPECT_TRUE(written_up_to(*state, 10));
  EXPECT_TRUE(state->ready({0})) << "there is nothing more to write out";
}

TEST_F(RocksState, AsksToBeWrittenOutWhenItHoldsTooMuchInMemory) {
  auto state = make();
  std::uint64_t last = 0;
  while (state->ready({0}) && last < 100'000) fill(*state, ++last);
  EXPECT_LT(last, 1000u);
  EXPECT_TRUE(state->ready({last}));
  EXPECT_TRUE(written_up_to(*state, last));
}

TEST_F(RocksState, SettlesEverythingAtOnce) {
  auto state = make();
  fill(*state, 10);
  ASSERT_TRUE(state->stored()->settle());
  EXPECT_EQ(state->stored()->written()->value, 10u);
  state.reset();
  EXPECT_EQ(reopen()->applied().index.value, 10u);
}

TEST_F(RocksState, ThatWasNeverWrittenOutIsNotTakenForOne) {
  fill(*make(), 10);
  EXPECT_EQ(trouble().code, errc::corrupted);
  EXPECT_THAT(trouble().text, HasSubstr("not those that its snapshot names"));
}

TEST_F(RocksState, IsMissedWhenItIsGone) {
  EXPECT_EQ(trouble().code, errc::not_found);
}

TEST_F(RocksState, OfAnotherNumberIsRefused) {
  auto other = engine_->make(place_, number + 1);
  ASSERT_TRUE(other);
  fill(**other, 3);
  ASSERT_TRUE((*other)->stored()->settle());
  (*other).reset();
  ASSERT_TRUE(place_.where->rename(directory_of(place_, number + 1), directory_of(place_, number)));
  EXPECT_EQ(trouble().code, errc::corrupted);
}

TEST_F(RocksState, OfANewerFormatIsRefused) {
  auto state = make();
  fill(*state, 3);
  ASSERT_TRUE(state->stored()->settle());
  state.reset();
  const auto path = home_.path() + "/" + directory_of(place_, number);
  rocksdb::DB* raw = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open({}, path, &raw).ok());
  const std::unique_ptr<rocksdb::DB> database{raw};
  std::string about;
  ASSERT_TRUE(database->Get({}, rocksdb::Slice{rocks::about_key}, &about).ok());
  about[0] = 2;
  ASSERT_TRUE(database->Put({}, rocksdb::Slice{rocks::about_key}, about).ok());
  ASSERT_TRUE(database->Close().ok());
  EXPECT_EQ(trouble().code, errc::newer_format) << trouble().text;
  EXPECT_THAT(trouble().text, HasSubstr("records in format 2, this program knows up to 1; run the "
                                        "newer program"));
}

TEST_F(RocksState, OfAnotherEngineIsRefusedWithWhatToDo) {
  auto opened = memory_engine()->open(place_, name_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, errc::invalid_config);
  EXPECT_THAT(opened.error().text, HasSubstr("set state = \"rocksdb\" again, or empty"));
}

TEST_F(RocksState, ThatIsFoundDamagedStaysSo) {
  auto state = make();
  fill(*state, 1000);
  ASSERT_TRUE(state->stored()->settle());
  state.reset();
  for (const auto& table : tables()) {
    std::fstream file{table, std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(100);
    file.write("damage", 6);
  }
  const auto said = found_while_read();
  EXPECT_THAT(said, HasSubstr("Corruption"));
  EXPECT_EQ(found_while_read(), said) << "not believed when it is found once";
  EXPECT_EQ(said.find('\n'), std::string::npos);
  EXPECT_EQ(trouble().code, errc::corrupted);
  EXPECT_EQ(trouble().text, said);
}

TEST_F(RocksState, ThatWasReadWronglyOnceIsNotDamaged) {
  auto state = make();
  fill(*state, 1000);
  ASSERT_TRUE(state->stored()->settle());
  state.reset();
  const auto table = tables().front();
  const auto whole = bytes_of(table);
  auto wrong = whole;
  wrong[100] = static_cast<char>(wrong[100] ^ 1);
  std::ofstream{table, std::ios::binary} << wrong;
  EXPECT_THAT(found_while_read(), HasSubstr("Corruption"));
  std::ofstream{table, std::ios::binary} << whole;
  EXPECT_EQ(found_while_read(), "");
  EXPECT_EQ(reopen()->size(), 1001u);
}

// The disk becomes full after the state was ready and before the entry is applied.
TEST_F(RocksState, ThatFindsNoSpaceHasNotChangedAndTakesTheSameLater) {
  const auto path = home_.path() + "/small";
  const small_disk small{path, "2m"};
  if (!small.mounted()) GTEST_SKIP() << "mounting a tmpfs needs root";
  const record_place place{open_disk(path), "records"};
  auto made = engine_->make(place, number);
  ASSERT_TRUE(made);
  auto& state = **made;
  fill(state, 500);
  std::ofstream{path + "/filler"} << std::string(4u << 20, 'x');
  state.stored()->write_out();
  ASSERT_TRUE(state.ready({500}));
  EXPECT_FALSE(written_up_to(state, 500));
  EXPECT_EQ(state.stored()->written().error().code, errc::disk_full);
  try {
    fill(state, 501);
    ADD_FAILURE() << "there was space";
  } catch (const state_failure& e) {
    EXPECT_EQ(e.why().code, errc::disk_full) << e.what();
  }
  EXPECT_EQ(state.applied(), (entry_id{{500}, {1}}));
  EXPECT_EQ(state.size(), 501u);
  EXPECT_FALSE(state.ready({500}));
  EXPECT_EQ(*state.get("newest"), "500") << "reads go on";
  std::filesystem::remove(path + "/filler");
  state.stored()->write_out();
  ASSERT_TRUE(state.ready({500}));
  fill(state, 501);
  EXPECT_EQ(state.size(), 502u);
  ASSERT_TRUE(state.stored()->settle());
  made->reset();
  auto again = engine_->open(place, name_);
  ASSERT_TRUE(again) << again.error().text;
  EXPECT_EQ((*again)->applied(), (entry_id{{501}, {1}}));
  EXPECT_EQ(*(*again)->get("newest"), "501");
}

// Written to on a full disk it would end the process.
TEST_F(RocksState, HasNoLogOfRocksDbsOwn) {
  auto state = make();
  fill(*state, 10);
  ASSERT_TRUE(state->stored()->settle());
  const auto path = place_.where->real_path(directory_of(place_, number));
  EXPECT_TRUE(std::filesystem::exists(path + "/CURRENT"));
  EXPECT_FALSE(std::filesystem::exists(path + "/LOG"));
}

TEST_F(RocksState, WithoutOneOfItsFilesIsDamaged) {
  auto state = make();
  fill(*state, 1000);
  ASSERT_TRUE(state->stored()->settle());
  state.reset();
  ASSERT_FALSE(tables().empty());
  std::filesystem::remove(tables().front());
  EXPECT_EQ(trouble().code, errc::corrupted);
}

TEST_F(RocksState, IsWalkedAsItWasWhenTheWalkBegan) {
  auto state = make();
  fill(*state, 500);
  auto cursor = state->stored()->cursor();
  fill(*state, 900);
  std::map<std::string, std::string> seen;
  std::uint32_t slot = 0;
  const auto take = [&](std::string_view key, std::string_view value) {
    EXPECT_GE(us::state::slot_of(key), slot);
    slot = us::state::slot_of(key);
    EXPECT_TRUE(seen.emplace(key, value).second);
  };
  int parts = 1;
  for (;; ++parts) {
    auto more = cursor->read(10'000, take);
    ASSERT_TRUE(more);
    if (!*more) break;
  }
  EXPECT_GT(parts, 5);
  EXPECT_EQ(seen.size(), 501u);
  EXPECT_EQ(seen.at("newest"), "500");
}

TEST_F(RocksState, ClosesItsFilesThoughSomebodyHasAWalkOverIt) {
  auto state = make();
  fill(*state, 10);
  ASSERT_TRUE(state->stored()->settle());
  auto cursor = state->stored()->cursor();
  state.reset();
  auto more = cursor->read(1, [](auto, auto) {});
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, errc::wrong_owner);
  EXPECT_EQ(reopen()->size(), 11u);
}

TEST_F(RocksState, IsDeletedWhenNothingNamesIt) {
  fill(*make(), 3);
  auto kept = engine_->make(place_, number + 1);
  ASSERT_TRUE(kept);
  ASSERT_TRUE(remove_states_but(place_, number + 1));
  EXPECT_EQ(trouble().code, errc::not_found);
  EXPECT_EQ(place_.where->list(place_.directory)->size(), 1u);
}

}  // namespace
}  // namespace us::test
