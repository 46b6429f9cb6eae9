// DNS over TCP between real sockets: its bounds, and that it goes on answering beyond them.
#include "runtime/live/dns_tcp.hpp"
#include "runtime/metrics.hpp"
#include "tests/dns/sample_zone.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <vector>

namespace us {
namespace {

using namespace std::chrono_literals;
using bytes = dns::test::bytes;

class client {
 public:
  explicit client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_.get(), reinterpret_cast<sockaddr*>(&where), sizeof where) == 0;
  }
  bool connected() const { return connected_; }
  bool send(const bytes& what) {
    return ::send(socket_.get(), what.data(), what.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(what.size());
  }
  /// So many bytes; fewer when the other side closes, or after a minute.
  bytes take(std::size_t count) {
    bytes got;
    while (got.size() < count && readable()) {
      bytes piece(count - got.size());
      const auto size = ::recv(socket_.get(), piece.data(), piece.size(), 0);
      if (size <= 0) break;
      got.insert(got.end(), piece.begin(), piece.begin() + size);
    }
    return got;
  }
  /// The answer's code; -1: closed without one.
  int answer() {
    const auto length = take(2);
    if (length.size() < 2) return -1;
    const auto size = static_cast<std::size_t>(length[0] << 8 | length[1]);
    const auto whole = take(size);
    return whole.size() < size || size < 12 ? -1 : whole[3] & 15;
  }
  bool closed_by_server() { return take(1).empty(); }

 private:
  bool readable() {
    pollfd watched{socket_.get(), POLLIN, 0};
    return ::poll(&watched, 1, 60'000) == 1;
  }
  owned_socket socket_;
  bool connected_ = false;
};

bytes framed(const bytes& query) {
  bytes whole{static_cast<std::uint8_t>(query.size() >> 8),
              static_cast<std::uint8_t>(query.size() & 0xff)};
  whole.insert(whole.end(), query.begin(), query.end());
  return whole;
}

class DnsTcp : public testing::Test {
 protected:
  void open(const dns_tcp_options& how) {
    answers_->set(dns::test::table_of(dns::test::sample_zone()));
    auto opened = dns_tcp::open({"127.0.0.1", 0}, how, answers_, std::make_shared<metrics>());
    ASSERT_TRUE(opened) << opened.error().text;
    server_ = std::move(*opened);
  }
  std::uint16_t port() const { return server_->port(); }

  const bytes query_ = framed(dns::test::make_query("www.example.test", LDNS_RR_TYPE_A));
  std::shared_ptr<dns::current_answers> answers_ = std::make_shared<dns::current_answers>();
  std::unique_ptr<dns_tcp> server_;
};

TEST_F(DnsTcp, AnswersSeveralQueriesInTheirOrderHoweverTheyArrive) {
  open({});
  client one{port()};
  bytes all = query_;
  const auto other = framed(dns::test::make_query("nobody.example.test", LDNS_RR_TYPE_A));
  all.insert(all.end(), other.begin(), other.end());
  for (const auto byte : all) ASSERT_TRUE(one.send({byte}));
  EXPECT_EQ(one.answer(), 0);
  EXPECT_EQ(one.answer(), 3) << "no such name";
}

TEST_F(DnsTcp, BeyondTheBoundTheOneThatIsSilentLongestGivesWay) {
  open({.connections_max = 3, .idle = 60s});
  client first{port()};
  client second{port()};
  client third{port()};
  for (auto* each : {&first, &second, &third}) {
    ASSERT_TRUE(each->send(query_));
    ASSERT_EQ(each->answer(), 0);
  }
  ASSERT_TRUE(first.send(query_));  // now the second is silent longest
  ASSERT_EQ(first.answer(), 0);
  client fourth{port()};
  ASSERT_TRUE(fourth.send(query_));
  EXPECT_EQ(fourth.answer(), 0);
  EXPECT_TRUE(second.closed_by_server());
  for (auto* each : {&first, &third, &fourth}) {
    ASSERT_TRUE(each->send(query_));
    EXPECT_EQ(each->answer(), 0);
  }
}

TEST_F(DnsTcp, HundredsThatSayNothingKeepNobodyOut) {
  open({.connections_max = 16, .idle = 60s});
  std::vector<std::unique_ptr<client>> silent;
  for (int i = 0; i < 200; ++i) {
    silent.push_back(std::make_unique<client>(port()));
    ASSERT_TRUE(silent.back()->connected());
  }
  client asks{port()};
  ASSERT_TRUE(asks.send(query_));
  EXPECT_EQ(asks.answer(), 0);
  EXPECT_TRUE(silent.front()->closed_by_server());
}

TEST_F(DnsTcp, ClosesWhoeverSendsNoWholeQueryForTooLong) {
  open({.idle = 200ms});
  client silent{port()};
  client half{port()};
  ASSERT_TRUE(half.send({query_.begin(), query_.begin() + 5}));
  EXPECT_TRUE(silent.closed_by_server());
  EXPECT_TRUE(half.closed_by_server());
}

TEST_F(DnsTcp, ClosesWhoeverAnnouncesMoreThanAQueryHas) {
  open({});
  client large{port()};
  ASSERT_TRUE(large.send({0xff, 0xff, 0, 0}));
  EXPECT_TRUE(large.closed_by_server());
  client after{port()};
  ASSERT_TRUE(after.send(query_));
  EXPECT_EQ(after.answer(), 0);
}

// It asks and asks and reads nothing: it is not read from any more, then it is closed.
TEST_F(DnsTcp, WhoReadsNoAnswersIsNotReadFrom) {
  open({.idle = 300ms});
  client greedy{port()};
  bytes many;
  for (int i = 0; i < 2000; ++i) many.insert(many.end(), query_.begin(), query_.end());
  bool taken = true;
  for (int i = 0; i < 1000 && taken; ++i) taken = greedy.send(many);
  EXPECT_FALSE(taken) << "70 MB of queries were taken, and no answer was read";
}

}  // namespace
}  // namespace us
