// Packets that no resolver sends.
#include "tests/dns/sample_zone.hpp"

#include <gtest/gtest.h>

#include <random>

namespace us::dns::test {
namespace {

struct Hostile : testing::Test {
  std::shared_ptr<const answer_table> table = table_of(sample_zone());
  bytes query = make_query("www.example.test.", LDNS_RR_TYPE_A);
  response done() { return ask(table.get(), query).done; }
};

TEST_F(Hostile, ResponsesAndScrapsGetNoAnswer) {
  EXPECT_EQ(ask(table.get(), {}).done.size, 0u);
  EXPECT_EQ(ask(table.get(), bytes(11)).done.size, 0u);
  query[2] |= 0x80;  // or two responders would answer each other for ever
  EXPECT_EQ(done().size, 0u);
}

TEST_F(Hostile, OtherOperationsAreNotImplemented) {
  for (int opcode = 1; opcode < 16; ++opcode) {
    query[2] = static_cast<std::uint8_t>(opcode << 3);
    EXPECT_EQ(done().code, rcode::not_implemented) << opcode;
    EXPECT_EQ(done().size, 12u) << opcode;
  }
}

TEST_F(Hostile, QuestionsMustBeOneAndWhole) {
  const auto good = query;
  for (std::size_t size = 12; size < good.size(); ++size) {
    query = bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(done().code, rcode::form_error) << size;
    EXPECT_EQ(done().size, 12u) << size;
  }
  query = good;
  query[5] = 0;
  EXPECT_EQ(done().code, rcode::form_error);
  query[5] = 2;
  EXPECT_EQ(done().code, rcode::form_error);
}

TEST_F(Hostile, NamesMustNotPointOrBeTooLong) {
  query[12] = 0xc0;
  query[13] = 12;
  EXPECT_EQ(done().code, rcode::form_error);
  bytes longest(query.begin(), query.begin() + 12);
  for (int i = 0; i < 5; ++i) {
    longest.push_back(63);
    longest.insert(longest.end(), 63, 'a');
  }
  longest.insert(longest.end(), {0, 0, 1, 0, 1});
  query = longest;
  EXPECT_EQ(done().code, rcode::form_error);
}

TEST_F(Hostile, TwoOptRecordsAreOneTooMany) {
  query = with_edns(query, 1232);
  const bytes opt(query.end() - 11, query.end());
  query.insert(query.end(), opt.begin(), opt.end());
  query[11] = 2;
  EXPECT_EQ(done().code, rcode::form_error);
}

TEST_F(Hostile, AnOptThatLiesAboutItsLengthIsRefused) {
  query = with_edns(query, 1232);
  query.back() = 4;
  EXPECT_EQ(done().code, rcode::form_error);
}

TEST_F(Hostile, OptionsOfOptAreSkipped) {  // a client cookie
  query = with_edns(query, 1232);
  query.back() = 12;
  query.insert(query.end(), {0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8});
  EXPECT_EQ(done().code, rcode::no_error);
}

// Whatever comes, what leaves is nothing or a packet that ldns reads, within the bounds.
TEST_F(Hostile, RandomlyChangedPacketsGetWellFormedAnswers) {
  std::mt19937 chance{20261126};
  const std::vector<bytes> seeds{query, with_edns(query, 4096, 0, true),
                                 make_query("_http._tcp.www.example.test.", LDNS_RR_TYPE_SRV),
                                 make_query("nobody.example.test.", LDNS_RR_TYPE_AAAA),
                                 make_query("example.test.", LDNS_RR_TYPE_ANY)};
  std::size_t answered = 0;
  for (int round = 0; round < 200'000; ++round) {
    auto mutated = seeds[chance() % seeds.size()];
    for (auto changes = chance() % 4; changes-- > 0;)
      mutated[chance() % mutated.size()] = static_cast<std::uint8_t>(chance());
    if (chance() % 8 == 0) mutated.resize(chance() % (mutated.size() + 1));
    if (chance() % 8 == 0) mutated.push_back(static_cast<std::uint8_t>(chance()));
    const auto via = chance() % 2 == 0 ? transport::udp : transport::tcp;
    const auto got = ask(table.get(), mutated, via, static_cast<std::uint32_t>(chance()));
    if (got.done.size == 0) continue;
    ++answered;
    ASSERT_LE(got.done.size, via == transport::udp ? datagram_max : message_max);
    ASSERT_NE(got.parsed, nullptr) << "round " << round;
    ASSERT_TRUE(ldns_pkt_qr(got.parsed.get()));
  }
  EXPECT_GT(answered, 100'000u);
}

}  // namespace
}  // namespace us::dns::test
