#include "runtime/service/service.hpp"
#include "tests/runtime/map_view.hpp"

#include <gtest/gtest.h>

#include "tests/runtime/ledger.capnp.h"

namespace us::test {
namespace {

using ledger::Account;
using ledger::Balance;
using ledger::Deposit;
using ledger::Transfer;

service bank() {
  service s{"bank"};
  s.on<Deposit, Balance>(
      [](Deposit::Reader deposit) { return deposit.getAccount(); },
      [](record<Account>& account, Deposit::Reader deposit, Balance::Builder reply) {
        account.edit().setBalance(account.read().getBalance() + deposit.getAmount());
        if (deposit.getAmount() < 0) throw rejected{"a deposit is not negative"};
        reply.setAmount(account.read().getBalance());
      });
  s.on<Transfer, Balance>(
      [](records<Account>& all, Transfer::Reader transfer, Balance::Builder reply) {
        auto& from = all[std::string_view{transfer.getFrom().cStr()}];
        auto& to = all[std::string_view{transfer.getTo().cStr()}];
        from.edit().setBalance(from.read().getBalance() - transfer.getAmount());
        to.edit().setBalance(to.read().getBalance() + transfer.getAmount());
        if (from.read().getBalance() < 0) throw rejected{"not enough"};
        reply.setAmount(from.read().getBalance());
      });
  return s;
}

class Service : public testing::Test {
 protected:
  template <class Request, class Fill>
  std::int64_t call(Fill fill) {
    capnp::MallocMessageBuilder request;
    fill(request.initRoot<Request>());
    capnp::MallocMessageBuilder reply;
    const auto* found = tested.find(capnp::typeId<Request>());
    found->run(view, request.getRoot<capnp::AnyPointer>().asReader(), reply);
    return reply.getRoot<Balance>().getAmount();
  }
  std::int64_t deposit(const std::string& account, std::int64_t amount) {
    return call<Deposit>([&](Deposit::Builder request) {
      request.setAccount(account);
      request.setAmount(amount);
    });
  }
  std::int64_t transfer(const std::string& from, const std::string& to, std::int64_t amount) {
    return call<Transfer>([&](Transfer::Builder request) {
      request.setFrom(from);
      request.setTo(to);
      request.setAmount(amount);
    });
  }
  std::int64_t balance(const std::string& key) {
    return record<Account>(view, key).read().getBalance();
  }

  service tested = bank();
  map_view view;
};

TEST_F(Service, FindsItsRequestsByTypeAndName) {
  ASSERT_NE(tested.find("Deposit"), nullptr);
  EXPECT_EQ(tested.find("Deposit")->id, capnp::typeId<Deposit>());
  EXPECT_EQ(tested.find("Deposits"), nullptr);
  EXPECT_EQ(tested.find(std::uint64_t{7}), nullptr);
  EXPECT_EQ(tested.requests().size(), 2u);
  EXPECT_EQ(tested.name(), "bank");
}

TEST_F(Service, ExecutesARequestOnItsRecord) {
  EXPECT_EQ(deposit("a", 3), 3);
  EXPECT_EQ(deposit("a", 4), 7);
  EXPECT_EQ(balance("a"), 7);
}

TEST_F(Service, StoresNothingWhenItsHandlerThrows) {
  deposit("a", 3);
  const auto before = view.records;
  EXPECT_THROW(deposit("a", -1), rejected);
  EXPECT_EQ(view.records, before);
}

TEST_F(Service, ChangesSeveralRecordsTogether) {
  deposit("a", 10);
  EXPECT_EQ(transfer("a", "b", 4), 6);
  EXPECT_EQ(balance("a"), 6);
  EXPECT_EQ(balance("b"), 4);
}

TEST_F(Service, StoresNoneOfSeveralRecordsWhenItsHandlerThrows) {
  deposit("a", 1);
  const auto before = view.records;
  EXPECT_THROW(transfer("a", "b", 4), rejected);
  EXPECT_EQ(view.records, before);
}

TEST_F(Service, SeesOneRecordUnderOneKeyTwice) {
  deposit("a", 5);
  EXPECT_EQ(transfer("a", "a", 4), 5);
  EXPECT_EQ(balance("a"), 5);
}

TEST_F(Service, RefusesABodyOfAnotherShape) {
  capnp::MallocMessageBuilder request;
  request.initRoot<capnp::AnyPointer>().initAs<capnp::List<std::uint64_t>>(3);
  capnp::MallocMessageBuilder reply;
  EXPECT_THROW(tested.find("Deposit")->run(
                   view, request.getRoot<capnp::AnyPointer>().asReader(), reply),
               kj::Exception);
  EXPECT_TRUE(view.records.empty());
}

TEST_F(Service, RunsItsUpkeepOverAllRecords) {
  tested.every(std::chrono::milliseconds{100}, [](records<Account>& all) {
    all["interest"].edit().setBalance(static_cast<std::int64_t>(all.size()));
  });
  deposit("a", 1);
  tested.upkeeps().at(0).run(view);
  EXPECT_EQ(balance("interest"), 2) << "itself is counted: it was edited before";
}

}  // namespace
}  // namespace us::test
