// What goes wrong on real machines: full disks, hostile clients, crowds. The rest of the cluster goes on and
// nothing acknowledged is lost.
#include "tests/cluster/process_cluster.hpp"
#include "tests/cluster/redis_client.hpp"
#include "tests/cluster/small_disk.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <set>

namespace us::test {
namespace {

using namespace std::chrono_literals;
using kind = redis_client::answer::kind;

int raw_connection(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(port);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0) return fd;
  ::close(fd);
  return -1;
}

std::string talk(std::uint16_t port, const std::string& bytes) {
  const int fd = raw_connection(port);
  timeval patience{5, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  (void)!::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  std::string answer;
  char part[4096];
  for (ssize_t n; (n = ::recv(fd, part, sizeof part, 0)) > 0;)
    answer.append(part, static_cast<std::size_t>(n));
  ::close(fd);
  return answer;
}

// The disk of one node is full, whichever role it has: the others go on, and nothing acknowledged is lost.
TEST(FullDisk, OfOneNodeStopsNobodyElse) {
  process_cluster cluster;
  small_disk disk{cluster.directory() + "/a", "40m"};
  if (!disk.mounted()) GTEST_SKIP() << "mounting a tmpfs needs root";
  cluster.start("a");
  cluster.start("b");
  cluster.start("c");
  ASSERT_FALSE(cluster.wait_for_leader().empty());
  redis_client client{cluster.redis_port("b"), 10'000};
  const std::string value(256 << 10, 'v');
  std::set<std::string> acknowledged;
  for (int i = 0; i < 400; ++i) {  // 100 MiB
    const auto key = "key-" + std::to_string(i);
    ASSERT_TRUE(eventually([&] {
      if (!client.connected()) client.connect(cluster.redis_port("b"), 10'000);
      return client.run({"SET", key, value}).text == "OK";
    })) << key << "\n" << cluster.output("a") << cluster.output("b");
    acknowledged.insert(key);
  }
  for (const auto& key : acknowledged)
    ASSERT_EQ(client.run({"STRLEN", key}).text, std::to_string(value.size())) << key;
  EXPECT_TRUE(cluster.running("a"));
}

// Every disk is full: writes are refused with the reason, reads go on.
TEST(FullDisk, OfEveryNodeRefusesWritesAndAnswersReads) {
  process_cluster cluster;
  small_disk a{cluster.directory() + "/a", "40m"};
  small_disk b{cluster.directory() + "/b", "40m"};
  small_disk c{cluster.directory() + "/c", "40m"};
  if (!c.mounted()) GTEST_SKIP() << "mounting a tmpfs needs root";
  cluster.start_all();
  const auto leader = cluster.wait_for_leader();
  ASSERT_FALSE(leader.empty());
  redis_client client{cluster.redis_port(leader), 10'000};
  const std::string value(256 << 10, 'v');
  std::set<std::string> acknowledged;
  redis_client::answer refused;
  for (int i = 0; i < 400 && refused.what == kind::nothing; ++i) {
    const auto key = "key-" + std::to_string(i);
    const auto answer = client.run({"SET", key, value});
    if (answer.text == "OK") acknowledged.insert(key);
    if (answer.what == kind::error && !answer.text.starts_with("UNKNOWN")) refused = answer;
    if (!client.connected()) client.connect(cluster.redis_port(leader), 10'000);
  }
  EXPECT_NE(refused.text.find("disk"), std::string::npos) << refused.text;
  EXPECT_GT(acknowledged.size(), 20u);
  redis_client reader;
  ASSERT_TRUE(eventually([&] {
    reader.connect(cluster.redis_port(cluster.wait_for_leader()), 10'000);
    return reader.run({"STRLEN", *acknowledged.begin()}).what == kind::ok;
  }));
  for (const auto& key : acknowledged)
    ASSERT_EQ(reader.run({"STRLEN", key}).text, std::to_string(value.size())) << key;
}

// Garbage and lengths that cannot be: one error each, then the connection is closed; others do not notice.
TEST(HostileClient, GetsOneErrorAndOthersDoNotNotice) {
  process_cluster cluster;
  cluster.start_all();
  ASSERT_FALSE(cluster.wait_for_leader().empty());
  const auto port = cluster.redis_port("a");
  redis_client client{port, 10'000};
  ASSERT_EQ(client.run({"SET", "x", "1"}).text, "OK");
  const auto before = cluster.resident_kib("a");
  EXPECT_EQ(talk(port, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$629145600\r\n"),
            "-ERR Protocol error: invalid bulk length\r\n");
  EXPECT_EQ(talk(port, "*99999999\r\n"), "-ERR Protocol error: invalid multibulk length\r\n");
  EXPECT_TRUE(talk(port, "*1\r\nnonsense\r\n").starts_with("-ERR Protocol error: expected '$'"));
  EXPECT_LT(cluster.resident_kib("a"), before + (32u << 10));
  EXPECT_EQ(client.run({"GET", "x"}).text, "1");
  // What is no frame on the port between nodes is closed and counted.
  (void)talk(cluster.link_port("a"), std::string(200'000, '\xff'));
  EXPECT_EQ(client.run({"SET", "x", "2"}).text, "OK");
}

// Ten thousand connections that do nothing cost little, and others are served.
TEST(Crowd, OfIdleConnectionsCostsLittle) {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  const std::size_t crowd = 9'900;
  if (files.rlim_cur < crowd + 100) GTEST_SKIP() << "only " << files.rlim_cur << " files may be open";
  process_cluster cluster;
  cluster.start_all();
  ASSERT_FALSE(cluster.wait_for_leader().empty());
  const auto before = cluster.resident_kib("a");
  std::vector<int> idle;
  for (std::size_t i = 0; i < crowd; ++i) {
    idle.push_back(raw_connection(cluster.redis_port("a")));
    ASSERT_GE(idle.back(), 0) << "after " << i;
  }
  redis_client client{cluster.redis_port("a"), 10'000};
  EXPECT_EQ(client.run({"SET", "x", "1"}).text, "OK");
  EXPECT_LT(cluster.resident_kib("a"), before + (200u << 10)) << "more than 20 KiB a connection";
  for (int fd : idle) ::close(fd);
}

}  // namespace
}  // namespace us::test
