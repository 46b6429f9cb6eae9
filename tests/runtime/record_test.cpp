#include "runtime/service/record.hpp"
#include "tests/runtime/map_view.hpp"

#include <gtest/gtest.h>

#include "tests/runtime/ledger.capnp.h"

namespace us::test {
namespace {

using ledger::Account;

class Record : public testing::Test {
 protected:
  void store(const std::string& key, std::int64_t balance, const std::string& owner = "") {
    record<Account> made{view, key};
    made.edit().setBalance(balance);
    if (!owner.empty()) made.edit().setOwner(owner);
    made.store();
    view.gets = view.puts = 0;
  }
  std::int64_t stored(const std::string& key) {
    record<Account> read{view, key};
    return read.exists() ? read.read().getBalance() : -1;
  }

  map_view view;
};

TEST_F(Record, NeverWrittenReadsAsDefaultsAndDoesNotExist) {
  record<Account> r{view, "a"};
  EXPECT_FALSE(r.exists());
  EXPECT_EQ(r.read().getBalance(), 0);
  EXPECT_EQ(r.key(), "a");
  EXPECT_EQ(r.now_ms(), 1234);
}

TEST_F(Record, OnlyReadStoresNothing) {
  store("a", 5);
  record<Account> r{view, "a"};
  EXPECT_EQ(r.read().getBalance(), 5);
  EXPECT_EQ(r.read().getBalance(), 5);
  r.store();
  EXPECT_EQ(view.puts, 0);
  EXPECT_EQ(view.gets, 1);
}

TEST_F(Record, EditStartsFromWhatIsStored) {
  store("a", 5, "ada");
  record<Account> r{view, "a"};
  r.edit().setBalance(6);
  EXPECT_EQ(r.read().getBalance(), 6);
  EXPECT_EQ(r.read().getOwner(), "ada");
  EXPECT_EQ(stored("a"), 5) << "not before store()";
  r.store();
  EXPECT_EQ(stored("a"), 6);
}

TEST_F(Record, EditTwiceKeepsBothChanges) {
  record<Account> r{view, "a"};
  r.edit().setBalance(1);
  r.edit().setOwner("ada");
  r.store();
  EXPECT_EQ(stored("a"), 1);
  EXPECT_EQ(view.puts, 1);
}

TEST_F(Record, EditMakesItExist) {
  record<Account> r{view, "a"};
  r.edit();
  EXPECT_TRUE(r.exists());
  r.store();
  EXPECT_EQ(stored("a"), 0);
}

TEST_F(Record, ResetKeepsNothingOfTheOld) {
  store("a", 5, "ada");
  record<Account> r{view, "a"};
  r.reset().setBalance(7);
  EXPECT_FALSE(r.read().hasOwner());
  r.store();
  EXPECT_EQ(stored("a"), 7);
  EXPECT_EQ(record<Account>(view, "a").read().getOwner(), "");
}

TEST_F(Record, ResetAfterEditForgetsTheEdit) {
  record<Account> r{view, "a"};
  r.edit().setOwner("ada");
  EXPECT_FALSE(r.reset().hasOwner());
}

TEST_F(Record, EraseRemovesItAndWhatWasEdited) {
  store("a", 5);
  record<Account> r{view, "a"};
  r.edit().setBalance(6);
  r.erase();
  EXPECT_FALSE(r.exists());
  EXPECT_EQ(r.read().getBalance(), 0);
  r.store();
  EXPECT_TRUE(view.records.empty());
}

TEST_F(Record, EditAfterEraseStartsFromDefaults) {
  store("a", 5, "ada");
  record<Account> r{view, "a"};
  r.erase();
  EXPECT_FALSE(r.edit().hasOwner());
  r.store();
  EXPECT_EQ(stored("a"), 0);
}

TEST_F(Record, GoesOnAfterItWasStored) {
  record<Account> r{view, "a"};
  r.edit().setBalance(1);
  r.store();
  EXPECT_EQ(r.read().getBalance(), 1);
  r.edit().setBalance(r.read().getBalance() + 1);
  r.store();
  EXPECT_EQ(stored("a"), 2);
}

TEST_F(Record, OfALargeValueIsReadAsOftenAsItsHandlerLikes) {
  store("a", 1, std::string(1u << 20, 'o'));
  record<Account> r{view, "a"};
  std::size_t sum = 0;
  for (int i = 0; i < 200; ++i) sum += r.read().getOwner().size();
  EXPECT_EQ(sum, 200u << 20);
}

TEST_F(Record, ThatIsDamagedThrows) {
  view.records["a"] = std::string(64, '\x5a');
  record<Account> r{view, "a"};
  EXPECT_THROW((void)r.read(), kj::Exception);
}

class Records : public Record {};

TEST_F(Records, GiveTheSameObjectForTheSameKey) {
  records<Account> all{view};
  all["a"].edit().setBalance(1);
  EXPECT_EQ(&all["a"], &all["a"]);
  EXPECT_EQ(all["a"].read().getBalance(), 1);
}

TEST_F(Records, CountWhatThisRequestChanged) {
  store("a", 1);
  records<Account> all{view};
  all["b"].edit().setBalance(2);
  EXPECT_EQ(all.size(), 2u);
  all["a"].erase();
  EXPECT_EQ(all.size(), 1u);
}

TEST_F(Records, WalkWhatThisRequestChanged) {
  store("a", 1);
  records<Account> all{view};
  all["a"].edit().setBalance(10);
  all["b"].edit().setBalance(20);
  std::string walked;
  all.each_in_slot(0, [&](std::string_view key, Account::Reader account) {
    walked += std::string{key} + std::to_string(account.getBalance());
  });
  EXPECT_EQ(walked, "a10b20");
}

TEST_F(Records, MayBeEditedAfterAWalk) {
  records<Account> all{view};
  auto& a = all["a"];
  a.edit().setBalance(1);
  EXPECT_EQ(all.size(), 1u);
  a.edit().setBalance(a.read().getBalance() + 1);
  all.store();
  EXPECT_EQ(stored("a"), 2);
}

TEST_F(Records, KeepABuilderGoodWhileTheyAreCountedAndWalked) {
  records<Account> all{view};
  auto a = all["a"].edit();
  a.setBalance(1);
  a.setBalance(static_cast<std::int64_t>(all.size()) + 5);
  all.each_in_slot(0, [](auto, auto) {});
  a.setOwner("ada");
  all.store();
  EXPECT_EQ(stored("a"), 6);
  EXPECT_EQ(record<Account>(view, "a").read().getOwner(), "ada");
}

TEST_F(Records, ClearLeavesNothingAndKeepsReferencesGood) {
  store("a", 1, "ada");
  records<Account> all{view};
  auto& a = all["a"];
  auto& b = all["b"];
  a.edit().setBalance(5);
  b.edit().setBalance(5);
  all.clear();
  EXPECT_EQ(all.size(), 0u);
  EXPECT_FALSE(a.exists());
  EXPECT_FALSE(a.edit().hasOwner());
  all.store();
  EXPECT_EQ(stored("a"), 0);
  EXPECT_EQ(stored("b"), -1);
}

}  // namespace
}  // namespace us::test
