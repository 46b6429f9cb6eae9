// Question + zone + who lives -> answer.
#include "tests/dns/sample_zone.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace us::dns::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto answers = LDNS_SECTION_ANSWER;
constexpr auto authority = LDNS_SECTION_AUTHORITY;
constexpr auto additional = LDNS_SECTION_ADDITIONAL;
const std::string soa =
    "example.test. 1 IN SOA ns1.example.test. hostmaster.example.test. 7 3600 600 86400 1";

struct Answers : testing::Test {
  answer get(const std::string& name, ldns_rr_type type) {
    return ask(table.get(), make_query(name, type));
  }
  zone z = sample_zone();
  std::shared_ptr<const answer_table> table = table_of(z);
};

TEST_F(Answers, NameTheLivingInTheOrderOfTheTurn) {
  EXPECT_THAT(
      get("www.example.test.", LDNS_RR_TYPE_A).texts(answers),
      ElementsAre("www.example.test. 1 IN A 10.0.0.1", "www.example.test. 1 IN A 10.0.0.2"));
  EXPECT_THAT(get("www.example.test.", LDNS_RR_TYPE_AAAA).texts(answers),
              ElementsAre("www.example.test. 1 IN AAAA fd00::6"));
  int first = 0;
  std::uint32_t turn = 0;
  for (int i = 0; i < 400; ++i) {
    bytes into(datagram_max);
    const auto done = respond(table.get(), make_query("www.example.test.", LDNS_RR_TYPE_A),
                              transport::udp, turn, into);
    first += into[done.size - 1 - 16] == 1;  // the last byte of the first of two addresses
  }
  EXPECT_EQ(first, 300);  // weights 3 and 1
}

TEST_F(Answers, AreHeadedAsAnAuthoritysAre) {
  const auto got = get("www.example.test.", LDNS_RR_TYPE_A);
  const auto* head = got.parsed.get();
  EXPECT_EQ(ldns_pkt_id(head), 0x1234);
  EXPECT_TRUE(ldns_pkt_qr(head) && ldns_pkt_aa(head) && ldns_pkt_rd(head));
  EXPECT_FALSE(ldns_pkt_tc(head) || ldns_pkt_ra(head) || ldns_pkt_ad(head) || ldns_pkt_edns(head));
}

TEST_F(Answers, LeaveOutTheDead) {
  table = table_of(z, {"web1", "web6"});
  EXPECT_THAT(get("www.example.test.", LDNS_RR_TYPE_A).texts(answers),
              ElementsAre("www.example.test. 1 IN A 10.0.0.2"));
  EXPECT_THAT(get("_http._tcp.www.example.test.", LDNS_RR_TYPE_SRV).texts(answers),
              ElementsAre("_http._tcp.www.example.test. 1 IN SRV 0 1 8002 web2.example.test."));
  const auto none = get("www.example.test.", LDNS_RR_TYPE_AAAA);
  EXPECT_THAT(none.texts(answers), IsEmpty());
  EXPECT_EQ(none.code(), LDNS_RCODE_NOERROR);
  EXPECT_THAT(none.texts(authority), ElementsAre(soa));
  EXPECT_EQ(get("web1.example.test.", LDNS_RR_TYPE_A).texts(answers).size(),
            1u);  // the machine's name
}

TEST_F(Answers, NameEverybodyWhenAllAreDownAndTheZoneFailsOpen) {
  table = table_of(z, {"web1", "web2", "web6"});
  EXPECT_EQ(get("www.example.test.", LDNS_RR_TYPE_A).texts(answers).size(), 2u);
  EXPECT_EQ(get("www.example.test.", LDNS_RR_TYPE_AAAA).texts(answers).size(), 1u);
}

TEST_F(Answers, AreFailuresWhenAllAreDownAndTheZoneSaysSo) {
  z.all_down = all_down::servfail;
  table = table_of(z, {"web1", "web2", "web6"});
  for (auto type : {LDNS_RR_TYPE_A, LDNS_RR_TYPE_AAAA}) {
    const auto got = get("www.example.test.", type);
    EXPECT_EQ(got.code(), LDNS_RCODE_SERVFAIL);
    EXPECT_FALSE(ldns_pkt_aa(got.parsed.get()));
  }
  EXPECT_EQ(get("_http._tcp.www.example.test.", LDNS_RR_TYPE_SRV).code(), LDNS_RCODE_SERVFAIL);
  EXPECT_EQ(get("www.example.test.", LDNS_RR_TYPE_MX).code(), LDNS_RCODE_NOERROR);
}

TEST_F(Answers, OfSrvBringTheAddressesAlong) {
  const auto got = get("_http._tcp.www.example.test.", LDNS_RR_TYPE_SRV);
  EXPECT_THAT(got.texts(answers),
              ElementsAre("_http._tcp.www.example.test. 1 IN SRV 0 3 8001 web1.example.test.",
                          "_http._tcp.www.example.test. 1 IN SRV 0 1 8002 web2.example.test.",
                          "_http._tcp.www.example.test. 1 IN SRV 0 1 8006 web6.example.test."));
  EXPECT_THAT(got.texts(additional), ElementsAre("web1.example.test. 60 IN A 10.0.0.1",
                                                 "web2.example.test. 60 IN A 10.0.0.2",
                                                 "web6.example.test. 60 IN AAAA fd00::6"));
}

TEST_F(Answers, OfTheZoneItself) {
  EXPECT_THAT(
      get("example.test.", LDNS_RR_TYPE_SOA).texts(answers),
      ElementsAre(
          "example.test. 60 IN SOA ns1.example.test. hostmaster.example.test. 7 3600 600 86400 1"));
  const auto servers = get("example.test.", LDNS_RR_TYPE_NS);
  EXPECT_THAT(servers.texts(answers), ElementsAre("example.test. 60 IN NS ns1.example.test.",
                                                  "example.test. 60 IN NS ns2.example.test."));
  EXPECT_THAT(servers.texts(additional), ElementsAre("ns1.example.test. 60 IN A 10.0.1.1",
                                                     "ns2.example.test. 60 IN AAAA fd00::2"));
  EXPECT_THAT(get("ns2.example.test.", LDNS_RR_TYPE_AAAA).texts(answers),
              ElementsAre("ns2.example.test. 60 IN AAAA fd00::2"));
}

TEST_F(Answers, TellNoSuchNameFromNoSuchRecord) {
  const auto no_name = get("nobody.www.example.test.", LDNS_RR_TYPE_A);
  EXPECT_EQ(no_name.code(), LDNS_RCODE_NXDOMAIN);
  EXPECT_TRUE(ldns_pkt_aa(no_name.parsed.get()));
  EXPECT_THAT(no_name.texts(authority), ElementsAre(soa));
  for (auto name : {"www.example.test.", "_tcp.www.example.test.",
                    "example.test."}) {  // _tcp has names below it
    const auto no_record = get(name, LDNS_RR_TYPE_MX);
    EXPECT_EQ(no_record.code(), LDNS_RCODE_NOERROR) << name;
    EXPECT_THAT(no_record.texts(answers), IsEmpty()) << name;
    EXPECT_THAT(no_record.texts(authority), ElementsAre(soa)) << name;
  }
  EXPECT_EQ(get("*.example.test.", LDNS_RR_TYPE_A).code(), LDNS_RCODE_NXDOMAIN);
}

TEST_F(Answers, KeepTheCaseOfTheQuestion) {
  const auto got = get("wWw.ExAmPlE.tEsT.", LDNS_RR_TYPE_A);
  const auto query = make_query("wWw.ExAmPlE.tEsT.", LDNS_RR_TYPE_A);
  EXPECT_EQ(bytes(got.raw.begin() + 12, got.raw.begin() + 12 + 22),
            bytes(query.begin() + 12, query.end()));
  EXPECT_EQ(got.texts(answers).size(), 2u);
  EXPECT_EQ(get("nO.ExAmPlE.tEsT.", LDNS_RR_TYPE_A).code(), LDNS_RCODE_NXDOMAIN);
}

TEST_F(Answers, RefuseWhatIsNotTheirs) {
  for (auto name : {"example.com.", ".", "test.", "notexample.test.", "www.example.test.com."})
    EXPECT_EQ(get(name, LDNS_RR_TYPE_A).code(), LDNS_RCODE_REFUSED) << name;
  EXPECT_EQ(
      ask(table.get(), make_query("www.example.test.", LDNS_RR_TYPE_A, LDNS_RR_CLASS_CH)).code(),
      LDNS_RCODE_REFUSED);
  for (auto type : {LDNS_RR_TYPE_AXFR, LDNS_RR_TYPE_IXFR, LDNS_RR_TYPE_TSIG, LDNS_RR_TYPE_OPT})
    EXPECT_EQ(get("example.test.", type).code(), LDNS_RCODE_REFUSED) << type;
  EXPECT_FALSE(ldns_pkt_aa(get("example.com.", LDNS_RR_TYPE_A).parsed.get()));
}

TEST_F(Answers, ToAnyAreOneSmallRecord) {
  EXPECT_THAT(get("www.example.test.", LDNS_RR_TYPE_ANY).texts(answers),
              ElementsAre("www.example.test. 60 IN HINFO \"RFC8482\" \"\""));
  EXPECT_EQ(get("none.example.test.", LDNS_RR_TYPE_ANY).code(), LDNS_RCODE_NXDOMAIN);
}

TEST_F(Answers, SpeakEdnsWithThoseWhoDo) {
  const auto got =
      ask(table.get(), with_edns(make_query("www.example.test.", LDNS_RR_TYPE_A), 4096, 0, true));
  EXPECT_TRUE(ldns_pkt_edns(got.parsed.get()) && ldns_pkt_edns_do(got.parsed.get()));
  EXPECT_EQ(ldns_pkt_edns_udp_size(got.parsed.get()), datagram_max);
  EXPECT_EQ(got.texts(answers).size(), 2u);
  const auto newer =
      ask(table.get(), with_edns(make_query("www.example.test.", LDNS_RR_TYPE_A), 4096, 1));
  EXPECT_EQ(newer.done.code, rcode::bad_version);
  EXPECT_EQ(ldns_pkt_edns_extended_rcode(newer.parsed.get()), 1);
  EXPECT_EQ(ldns_pkt_edns_version(newer.parsed.get()), 0);
}

struct Truncation : testing::Test {
  Truncation() {
    z.answers_max = 100;
    for (int i = 0; i < 70; ++i)
      z.backends.push_back(
          {"m" + std::to_string(i), "many", "", "10.1.0." + std::to_string(i + 1), 80, 1});
    table = table_of(z);
  }
  answer get(std::uint16_t edns, transport via = transport::udp) {
    auto query = make_query("many.example.test.", LDNS_RR_TYPE_A);
    return ask(table.get(), edns == 0 ? query : with_edns(query, edns), via);
  }
  zone z = sample_zone();
  std::shared_ptr<const answer_table> table;
};

TEST_F(Truncation, IsEmptyAndSaysSo) {  // 70 records of 16 bytes
  for (std::uint16_t size :
       {std::uint16_t{0}, std::uint16_t{100}, std::uint16_t{512}, std::uint16_t{1100}}) {
    const auto got = get(size);
    EXPECT_TRUE(ldns_pkt_tc(got.parsed.get())) << size;
    EXPECT_THAT(got.texts(answers), IsEmpty()) << size;
    EXPECT_EQ(ldns_pkt_edns(got.parsed.get()), size != 0);
  }
}

TEST_F(Truncation, DoesNotHappenWhereThereIsRoom) {
  for (std::uint16_t size : {std::uint16_t{1232}, std::uint16_t{65535}})
    EXPECT_EQ(get(size).texts(answers).size(), 70u) << size;
  EXPECT_EQ(get(0, transport::tcp).texts(answers).size(), 70u);
}

TEST_F(Truncation, ClampsWhatTheClientAllows) {
  z.backends.resize(z.backends.size() + 10, {"x", "many", "", "10.2.0.1", 80, 1});
  for (std::size_t i = 0; i < 10; ++i) z.backends[73 + i].name = "x" + std::to_string(i);
  table = table_of(z);
  EXPECT_TRUE(ldns_pkt_tc(get(4096).parsed.get()));
  EXPECT_FALSE(ldns_pkt_tc(get(0, transport::tcp).parsed.get()));
}

TEST(BeforeTheFirstTable, EverythingFails) {
  EXPECT_EQ(ask(nullptr, make_query("www.example.test.", LDNS_RR_TYPE_A)).code(),
            LDNS_RCODE_SERVFAIL);
}

TEST(TruncatedResponse, HasTheQuestionAlone) {
  bytes into(datagram_max);
  const auto query = make_query("www.example.test.", LDNS_RR_TYPE_A);
  const auto done = respond_truncated(query, into);
  EXPECT_EQ(done.size, query.size());
  EXPECT_EQ(into[2] & 0x02, 0x02);
}

}  // namespace
}  // namespace us::dns::test
