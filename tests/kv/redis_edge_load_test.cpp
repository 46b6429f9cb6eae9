// The edge's memory: what many idle or hostile clients cost.
#include "tests/kv/edge_node.hpp"
#include "tests/kv/idle_clients.hpp"
#include "tests/kv/raw_client.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sys/resource.h>
#include <unistd.h>

namespace kv::test {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool memory_is_telling = false;  // a sanitizer's shadow is much more
#else
constexpr bool memory_is_telling = true;
#endif

std::size_t resident_bytes() {
  std::ifstream file{"/proc/self/statm"};
  std::size_t total = 0;
  std::size_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

TEST(RedisEdgeLoad, TenThousandIdleClientsCostLittle) {
  constexpr std::uint32_t count = 10'000;
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_max < count + 600)
    GTEST_SKIP() << "the limit of open files is " << files.rlim_max << ": raise it (ulimit -Hn)";
  idle_clients idle;
  edge_node node{{.clients_max = count + 1}};
  raw_client client{node.port()};
  client.send("PING\r\n");
  ASSERT_EQ(client.read_until("\r\n"), "+PONG\r\n");
  const auto before = resident_bytes();
  ASSERT_EQ(idle.connect(node.port(), count), count);
  // The last one in the backlog is accepted when the bound is reached.
  client.send("PING\r\n");
  ASSERT_EQ(client.read_until("\r\n"), "+PONG\r\n");
  for (;;) {
    client.send("INFO clients\r\n");
    const auto info = client.read_until("\r\n\r\n");
    if (info.find("connected_clients:10001\r\n") != std::string::npos) break;
  }
  const auto each = (std::max(resident_bytes(), before) - before) / count;  // memory may go back
  RecordProperty("bytes_per_client", static_cast<int>(each));
  if (memory_is_telling) {
    EXPECT_LT(each, 6000u);
  }
  client.send("SET k v\r\nGET k\r\n");
  EXPECT_EQ(client.read_until("v\r\n"), "+OK\r\n$1\r\nv\r\n");
}

TEST(RedisEdgeLoad, AnnouncedSizesTakeNoMemory) {
  edge_node node;
  raw_client good{node.port()};
  good.send("PING\r\n");
  ASSERT_EQ(good.read_until("\r\n"), "+PONG\r\n");
  const auto before = resident_bytes();
  for (int i = 0; i < 200; ++i) {
    raw_client large{node.port()};
    large.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$629145600\r\n");
    EXPECT_EQ(large.read_to_end(), "-ERR Protocol error: invalid bulk length\r\n");
  }
  std::vector<raw_client> waiting;
  for (int i = 0; i < 200; ++i) {
    waiting.emplace_back(node.port());
    waiting.back().send("*1048576\r\n$16000000\r\nabc");
  }
  good.send("PING\r\n");
  ASSERT_EQ(good.read_until("\r\n"), "+PONG\r\n");
  if (memory_is_telling) {
    EXPECT_LT(resident_bytes(), before + (8u << 20));
  }
}

TEST(RedisEdgeLoad, ALineThatNeverEndsIsCutOff) {
  edge_node node;
  raw_client client{node.port()};
  const auto before = resident_bytes();
  const std::string piece(1u << 20, 'a');
  for (int i = 0; i < 64 && client.send(piece); ++i) {
  }
  raw_client good{node.port()};
  good.send("PING\r\n");
  ASSERT_EQ(good.read_until("\r\n"), "+PONG\r\n");
  if (memory_is_telling) {
    EXPECT_LT(resident_bytes(), before + (8u << 20));
  }
}

}  // namespace
}  // namespace kv::test
