// Real balance processes, asked by dig.
#include "tests/app/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <arpa/inet.h>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using test::program;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

const std::string balance = BALANCE_PROGRAM;

/// A backend: a port of 127.0.0.x that takes connections while this lives.
class listener {
 public:
  listener(const std::string& host, std::uint16_t port)
      : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    inet_pton(AF_INET, host.c_str(), &where.sin_addr);
    int on = 1;
    setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(socket_, reinterpret_cast<sockaddr*>(&where), sizeof where) != 0 ||
        listen(socket_, 4096) != 0)
      throw std::runtime_error{"cannot listen at " + host};
  }
  ~listener() { close(socket_); }
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;

 private:
  int socket_;
};

struct Balance : testing::Test {
  test::temporary_directory directory;
  std::string file = directory.path() + "/balance.toml";
  std::vector<std::uint16_t> ports = test::free_ports(7);
  std::map<std::string, std::unique_ptr<listener>> backends;

  std::uint16_t dns_port(unsigned node) const { return ports[node]; }
  static std::string host(const std::string& backend) { return "127.0.0." + backend.substr(3); }

  void serve(const std::string& backend) {
    backends[backend] = std::make_unique<listener>(host(backend), ports[6]);
  }

  void write(unsigned nodes, unsigned backends_count, const std::string& zone_keys,
             const std::string& check, const std::string& listens = "127.0.0.1") {
    std::ofstream out{file};
    out << "[cluster]\nname = \"edge\"\n[zone]\nname = \"example.test\"\n"
        << zone_keys << "\n[check]\n"
        << check << "\n";
    for (unsigned i = 0; i < nodes; ++i) {
      const std::string name(1, static_cast<char>('a' + i));
      out << "[[node]]\nname = \"" << name << "\"\naddress = \"127.0.0.1:" << ports[3 + i]
          << "\"\ndns = \"" << listens << ":" << dns_port(i) << "\"\ndata = \"" << directory.path()
          << "/" << name << "\"\n";
    }
    for (unsigned i = 1; i <= backends_count; ++i)
      out << "[[backend]]\nname = \"web" << i
          << "\"\nserves = \"www\"\nsrv = \"_http._tcp\"\naddress = \""
          << host("web" + std::to_string(i)) << ":" << ports[6] << "\"\n";
  }

  std::string dig(std::vector<std::string> question, unsigned node = 0,
                  const std::string& at = "127.0.0.1") const {
    std::vector<std::string> words{"@" + at, "-p", std::to_string(dns_port(node)), "+time=2",
                                   "+tries=5"};
    words.insert(words.end(), question.begin(), question.end());
    return test::run("/usr/bin/dig", words).output;
  }
  std::set<std::string> addresses(unsigned node = 0) const {
    std::set<std::string> found;
    std::istringstream lines{dig({"+short", "www.example.test", "A"}, node)};
    for (std::string line; std::getline(lines, line);) found.insert(line);
    return found;
  }
  /// How long until the answers are these. Fails after a minute.
  std::chrono::milliseconds until(const std::set<std::string>& wanted, unsigned node = 0) const {
    const auto began = std::chrono::steady_clock::now();
    while (addresses(node) != wanted)
      if (std::chrono::steady_clock::now() - began > 60s) {
        ADD_FAILURE() << dig({"www.example.test"}, node);
        break;
      }
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 began);
  }
  std::unique_ptr<program> start(const std::string& node) const {
    auto started = std::make_unique<program>(
        balance, std::vector<std::string>{"run", "--config", file, "--node", node});
    if (!started->line_with(node + " is up")) throw std::runtime_error{started->output()};
    return started;
  }
};

/// Whether a connection to it is taken.
bool connects(const std::string& host, std::uint16_t port) {
  const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  inet_pton(AF_INET, host.c_str(), &where.sin_addr);
  const bool taken = connect(client, reinterpret_cast<sockaddr*>(&where), sizeof where) == 0;
  close(client);
  return taken;
}

const std::string fast_tcp = "interval_ms = 100\ntimeout_ms = 100\nrise = 2\nfall = 3";

TEST_F(Balance, NamesTheLivingAndOnlyThem) {
  for (auto name : {"web1", "web2", "web3"}) serve(name);
  write(1, 3, "", fast_tcp);
  auto node = start("a");
  until({"127.0.0.1", "127.0.0.2", "127.0.0.3"});
  backends.erase("web2");
  const auto took = until({"127.0.0.1", "127.0.0.3"});
  RecordProperty("excluded_after_ms", static_cast<int>(took.count()));
  EXPECT_TRUE(node->line_with("backend web2 is down: 1 of 1 node says so (connection refused)"))
      << node->output();
  EXPECT_THAT(dig({"_http._tcp.www.example.test", "SRV"}), Not(HasSubstr("web2")));
  serve("web2");
  until({"127.0.0.1", "127.0.0.2", "127.0.0.3"});
  backends.clear();  // all down: the zone fails open
  EXPECT_TRUE(node->line_with("backend web1 is down")) << node->output();
  until({"127.0.0.1", "127.0.0.2", "127.0.0.3"});
  node->signal(SIGTERM);
  EXPECT_EQ(node->wait(), 0) << node->output();
}

// A resolver that never asks again: its old answer names a dead backend, and also living ones, so
// that whoever tries one address after the other is served. One that asks again is not led to the
// dead one.
TEST_F(Balance, AnAnswerThatIsKeptForEverStillLeadsToALivingBackend) {
  for (auto name : {"web1", "web2", "web3"}) serve(name);
  write(1, 3, "", fast_tcp);
  auto node = start("a");
  const std::set<std::string> all{"127.0.0.1", "127.0.0.2", "127.0.0.3"};
  until(all);
  const auto kept = addresses();
  backends.erase("web1");
  until({"127.0.0.2", "127.0.0.3"});
  EXPECT_EQ(kept, all);
  EXPECT_FALSE(connects("127.0.0.1", ports[6]));
  for (const auto& asked_again : addresses()) EXPECT_TRUE(connects(asked_again, ports[6]));
  EXPECT_TRUE(std::ranges::any_of(kept, [&](auto& each) { return connects(each, ports[6]); }));
}

TEST_F(Balance, AnswersAsAnAuthorityOverUdpAndTcp) {
  serve("web1");
  write(1, 1, "all_down = \"servfail\"", fast_tcp);
  auto node = start("a");
  until({"127.0.0.1"});
  for (auto how : {"+notcp", "+tcp"}) {
    const auto got = dig({how, "wWw.eXample.test", "A"});
    EXPECT_THAT(got, HasSubstr("status: NOERROR")) << how;
    EXPECT_THAT(got, HasSubstr("flags: qr aa rd;")) << how;
    EXPECT_THAT(got, HasSubstr("wWw.eXample.test.\t1\tIN\tA\t127.0.0.1")) << how;
  }
  EXPECT_THAT(dig({"nobody.example.test"}), HasSubstr("status: NXDOMAIN"));
  EXPECT_THAT(dig({"www.example.test", "AAAA"}), HasSubstr("SOA"));
  EXPECT_THAT(dig({"example.com"}), HasSubstr("status: REFUSED"));
  EXPECT_THAT(dig({"+short", "example.test", "NS"}), HasSubstr("ns-a.example.test."));
  EXPECT_THAT(dig({"example.test", "AXFR"}), HasSubstr("Transfer failed"));
  backends.clear();
  EXPECT_TRUE(node->line_with("backend web1 is down")) << node->output();
  EXPECT_THAT(dig({"www.example.test", "A"}), HasSubstr("status: SERVFAIL"));
}

// The answer comes from the address that was asked, or a resolver does not take it.
TEST_F(Balance, AnswersAtEveryAddressOfAWildcard) {
  serve("web1");
  write(1, 1, "ns = { a = \"192.0.2.1\" }", fast_tcp, "0.0.0.0");
  auto node = start("a");
  until({"127.0.0.1"});
  for (const auto* how : {"+notcp", "+tcp"})
    for (const auto* at : {"127.0.0.1", "127.0.0.2"})
      EXPECT_EQ(dig({how, "+short", "www.example.test", "A"}, 0, at), "127.0.0.1\n") << how << at;
}

TEST_F(Balance, AnswersOverIpv6) {
  std::stringstream known;
  known << std::ifstream{"/proc/net/if_inet6"}.rdbuf();
  if (known.str().find("00000000000000000000000000000001") == std::string::npos)
    GTEST_SKIP() << "no IPv6 loopback here";
  serve("web1");
  write(1, 1, "", fast_tcp, "[::1]");
  auto node = start("a");
  for (const auto* how : {"+notcp", "+tcp"})
    EXPECT_EQ(dig({how, "+short", "www.example.test", "A"}, 0, "::1"), "127.0.0.1\n") << how;
  EXPECT_EQ(dig({"+short", "ns-a.example.test", "AAAA"}, 0, "::1"), "::1\n");
}

TEST_F(Balance, TruncatesWhatDoesNotFitAndGivesItOverTcp) {
  for (unsigned i = 1; i <= 40; ++i) serve("web" + std::to_string(i));
  write(1, 40, "answers_max = 40", fast_tcp);
  auto node = start("a");
  std::set<std::string> all;
  for (unsigned i = 1; i <= 40; ++i) all.insert("127.0.0." + std::to_string(i));
  until(all);
  const auto cut = dig({"+noedns", "+ignore", "www.example.test"});
  EXPECT_THAT(cut, HasSubstr("flags: qr aa tc rd;"));
  EXPECT_THAT(cut, HasSubstr("ANSWER: 0"));
  EXPECT_THAT(dig({"+noedns", "www.example.test"}),
              HasSubstr("ANSWER: 40"));  // dig asks again over TCP
  EXPECT_THAT(dig({"+ignore", "www.example.test"}), HasSubstr("ANSWER: 40"));  // EDNS has room
}

// {a, b, c}: the probes of c fail, those of a and b do not. Only what the majority sees counts.
TEST_F(Balance, OneBrokenCheckerDoesNotEmptyTheZone) {
  const auto script = directory.path() + "/probe";
  std::ofstream{script} << "#!/bin/sh\n[ ! -e " << directory.path()
                        << "/dead ] && [ -z \"$BROKEN\" ]\n";
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  write(3, 2, "",
        "type = \"command\"\ncommand = [\"" + script +
            "\"]\ninterval_ms = 200\ntimeout_ms = 200\nfall = 2");
  auto a = start("a");
  auto b = start("b");
  setenv("BROKEN", "1", 1);
  auto c = start("c");
  unsetenv("BROKEN");
  for (unsigned node = 0; node < 3; ++node) until({"127.0.0.1", "127.0.0.2"}, node);
  b->signal(SIGKILL);  // what c says now is half of what is said, and half is not enough
  b->wait();
  until({"127.0.0.1", "127.0.0.2"}, 0);
  until({"127.0.0.1", "127.0.0.2"}, 2);
  std::ofstream{directory.path() + "/dead"};
  // Of two or, as long as what b said last is fresh, of three.
  EXPECT_TRUE(a->line_with("backend web1 is down: 2 of ")) << a->output();
}

}  // namespace
