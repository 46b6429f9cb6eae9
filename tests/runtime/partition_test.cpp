// Where keys lie is on disks: these values never change.
#include "runtime/service/partition.hpp"
#include "runtime/service/service.hpp"

#include <capnp/message.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/runtime/ledger.capnp.h"

namespace us {
namespace {

TEST(Partition, OfAKeyIsFixedForEver) {
  const std::map<std::string, std::pair<std::uint32_t, std::uint32_t>> of_8_and_4096{
      {"", {6, 3574}},          {"a", {3, 1930}},
      {"visitors", {2, 1207}},  {std::string("\0\xff", 2), {1, 744}},
      {"user:1000", {5, 2797}},
  };
  for (const auto& [key, expected] : of_8_and_4096) {
    EXPECT_EQ(partition_of(key, 8), expected.first) << key;
    EXPECT_EQ(partition_of(key, 4096), expected.second) << key;
    EXPECT_EQ(partition_of(key, 1), 0u);
  }
}

TEST(Partition, TakesItsShareOfTheKeys) {
  for (const std::uint32_t count : {2u, 3u, 8u, 32u}) {
    std::vector<int> keys(count, 0);
    for (int i = 0; i < 32'000; ++i) ++keys.at(partition_of("key-" + std::to_string(i), count));
    for (const auto each : keys) {
      EXPECT_GT(each, 32'000 / static_cast<int>(count) * 8 / 10) << count;
      EXPECT_LT(each, 32'000 / static_cast<int>(count) * 12 / 10) << count;
    }
  }
}

TEST(Partition, OfSeveralKeysIsTheirCommonOne) {
  std::string other = "a";
  while (partition_of(other, 8) == partition_of("a", 8)) other += "x";
  std::string same = "b";
  while (partition_of(same, 8) != partition_of("a", 8)) same += "x";
  const std::vector<std::string_view> together{"a", same}, apart{"a", other};
  EXPECT_EQ(place_of_keys(together, 8).partition, partition_of("a", 8));
  EXPECT_EQ(place_of_keys(together, 8).refused, "");
  EXPECT_EQ(place_of_keys(apart, 8).refused, "its keys are in different partitions");
  EXPECT_EQ(place_of_keys(apart, 1).refused, "");
}

TEST(Partition, NamesItsGroupUnlessItIsTheOnlyOne) {
  EXPECT_EQ(group_name("kv", {0, 1}), "kv");
  EXPECT_EQ(group_name("kv", {5, 8}), "kv/5");
}

TEST(ServicePlaces, ARequestAboutARecordLiesWhereTheRecordDoes) {
  service s{"ledger"};
  s.on<test::ledger::Deposit, test::ledger::Account>(
      [](test::ledger::Deposit::Reader deposit) { return deposit.getAccount(); },
      [](record<test::ledger::Account>&, test::ledger::Deposit::Reader,
         test::ledger::Account::Builder) {});
  EXPECT_EQ(s.without_place(), nullptr);
  capnp::MallocMessageBuilder memory;
  memory.initRoot<test::ledger::Deposit>().setAccount("ann");
  const auto body = memory.getRoot<capnp::AnyPointer>().asReader();
  const auto type = capnp::typeId<test::ledger::Deposit>();
  EXPECT_EQ(s.place(type, body, 8).partition, partition_of("ann", 8));
  EXPECT_EQ(s.place(1, body, 8).refused, "service ledger has no such request");
  EXPECT_EQ(s.place(1, body, 1).refused, "") << "the only one answers it";
  EXPECT_EQ(divided(s, 8).place(type, body).partition, partition_of("ann", 8));
}

TEST(ServicePlaces, ARequestAboutSeveralRecordsHasToSayWhere) {
  service s{"ledger"};
  s.on<test::ledger::Deposit, test::ledger::Account>([](records<test::ledger::Account>&,
                                                        test::ledger::Deposit::Reader,
                                                        test::ledger::Account::Builder) {});
  ASSERT_NE(s.without_place(), nullptr);
  EXPECT_EQ(s.without_place()->id, capnp::typeId<test::ledger::Deposit>());
  capnp::MallocMessageBuilder memory;
  memory.initRoot<test::ledger::Deposit>().setAccount("ann");
  const auto body = memory.getRoot<capnp::AnyPointer>().asReader();
  EXPECT_EQ(s.place(capnp::typeId<test::ledger::Deposit>(), body, 8).refused,
            "it does not say which partition it belongs to");
  s.placed<test::ledger::Deposit>(
      [](test::ledger::Deposit::Reader deposit, std::uint32_t partitions) {
        return place_of_key({deposit.getAccount().begin(), 1}, partitions);
      });
  EXPECT_EQ(s.without_place(), nullptr);
  EXPECT_EQ(s.place(capnp::typeId<test::ledger::Deposit>(), body, 8).partition,
            partition_of("a", 8));
  EXPECT_THROW(s.placed<test::ledger::Account>(
                   [](test::ledger::Account::Reader, std::uint32_t) { return request_place{}; }),
               std::logic_error);
}

TEST(ServicePlaces, RepliesOfAllPartitionsBecomeOne) {
  const auto all =
      everywhere<test::ledger::Account>([](const std::vector<test::ledger::Account::Reader>& each,
                                           test::ledger::Account::Builder sum) {
        for (auto one : each) sum.setBalance(sum.getBalance() + one.getBalance());
      });
  std::vector<std::string> replies;
  for (int i = 1; i <= 3; ++i) {
    capnp::MallocMessageBuilder memory;
    memory.initRoot<test::ledger::Account>().setBalance(i);
    replies.push_back(to_bytes(memory));
  }
  const auto merged = all.everywhere({replies.begin(), replies.end()});
  capnp::FlatArrayMessageReader reader{as_words(merged)};
  EXPECT_EQ(reader.getRoot<test::ledger::Account>().getBalance(), 6);
}

}  // namespace
}  // namespace us
