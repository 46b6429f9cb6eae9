// The commands as a client sees them, under a clock that the test moves. Replies that do not depend
// on time are compared with a Redis server by redis_differential_test.
#include "tests/kv/in_process_kv.hpp"

#include <gtest/gtest.h>

#include <set>

namespace kv::test {
namespace {

TEST(Expiry, AnExpiredKeyReadsAsAbsentAtOnce) {
  in_process_kv server;
  EXPECT_EQ(server.command({"SET", "k", "v", "PX", "100"}), "+OK\r\n");
  EXPECT_EQ(server.command({"PTTL", "k"}), ":100\r\n");
  server.view.now += 99;
  EXPECT_EQ(server.command({"GET", "k"}), "$1\r\nv\r\n");
  server.view.now += 1;
  EXPECT_EQ(server.command({"GET", "k"}), "$-1\r\n");
  EXPECT_EQ(server.command({"EXISTS", "k"}), ":0\r\n");
  EXPECT_EQ(server.command({"TTL", "k"}), ":-2\r\n");
  EXPECT_EQ(server.command({"KEYS", "*"}), "*0\r\n");
  EXPECT_EQ(server.command({"RANDOMKEY"}), "$-1\r\n");
  EXPECT_EQ(server.command({"SET", "k", "w", "NX"}), "+OK\r\n");
  EXPECT_EQ(server.command({"TTL", "k"}), ":-1\r\n");
}

TEST(Expiry, TimesToLiveAreRoundedToTheNearestSecond) {
  in_process_kv server;
  server.command({"SET", "k", "v", "PX", "2500"});
  EXPECT_EQ(server.command({"TTL", "k"}), ":3\r\n");
  server.view.now += 1;
  EXPECT_EQ(server.command({"TTL", "k"}), ":2\r\n");
}

TEST(Expiry, CountingAndAppendingKeepIt) {
  in_process_kv server;
  server.command({"SET", "n", "1", "EX", "10"});
  server.command({"INCR", "n"});
  server.command({"APPEND", "n", "5"});
  server.command({"INCRBYFLOAT", "n", "0.5"});
  server.command({"SETRANGE", "n", "0", "9"});
  EXPECT_EQ(server.command({"GET", "n"}), "$4\r\n95.5\r\n");
  EXPECT_EQ(server.command({"PTTL", "n"}), ":10000\r\n");
  server.command({"SET", "n", "x", "KEEPTTL"});
  EXPECT_EQ(server.command({"PTTL", "n"}), ":10000\r\n");
  server.command({"SET", "n", "x"});
  EXPECT_EQ(server.command({"PTTL", "n"}), ":-1\r\n");
}

TEST(Expiry, ACounterWhoseTimeHasComeStartsAnew) {
  in_process_kv server;
  server.command({"SET", "n", "41", "PX", "5"});
  server.view.now += 5;
  EXPECT_EQ(server.command({"INCR", "n"}), ":1\r\n");
  EXPECT_EQ(server.command({"TTL", "n"}), ":-1\r\n");
}

TEST(Expiry, RenameAndCopyTakeItAlong) {
  in_process_kv server;
  server.command({"SET", "a", "v", "PX", "500"});
  EXPECT_EQ(server.command({"RENAME", "a", "b"}), "+OK\r\n");
  EXPECT_EQ(server.command({"PTTL", "b"}), ":500\r\n");
  EXPECT_EQ(server.command({"COPY", "b", "c"}), ":1\r\n");
  EXPECT_EQ(server.command({"PTTL", "c"}), ":500\r\n");
}

TEST(Expiry, UpkeepRemovesWhatHasExpiredAndNothingElse) {
  in_process_kv server;
  for (int i = 0; i < 5000; ++i) {
    server.command({"SET", "short" + std::to_string(i), "v", "PX", "10"});
    server.command({"SET", "long" + std::to_string(i), "v", "EX", "1000"});
    server.command({"SET", "ever" + std::to_string(i), "v"});
  }
  server.view.now += 10;
  for (int i = 0; i < 64; ++i) server.upkeep();
  EXPECT_EQ(server.view.size(), 10'000u);
  EXPECT_EQ(server.command({"DBSIZE"}), ":10000\r\n");
}

TEST(Expiry, UpkeepChangesNothingWhileNothingExpires) {
  in_process_kv server;
  for (int i = 0; i < 1000; ++i) server.command({"SET", "k" + std::to_string(i), "v"});
  const auto before = server.view.writes;
  for (int i = 0; i < 200; ++i) server.upkeep();
  EXPECT_EQ(server.view.writes, before);
  // It notices when that ends, though it went to sleep.
  for (int i = 0; i < 1000; ++i) server.command({"PEXPIRE", "k" + std::to_string(i), "1"});
  server.view.now += 1;
  for (int i = 0; i < 200; ++i) server.upkeep();
  EXPECT_EQ(server.view.size(), 0u);
}

// All keys that a whole SCAN returns; `during` runs between its steps.
template <class During>
std::set<std::string> scan_all(in_process_kv& server, std::vector<std::string> options,
                               During during) {
  std::set<std::string> found;
  std::string cursor = "0";
  do {
    std::vector<std::string> command{"SCAN", cursor};
    command.insert(command.end(), options.begin(), options.end());
    const auto reply = server.command(command);
    std::vector<std::string> bulks;
    for (std::size_t at = reply.find('$'); at != std::string::npos;) {
      const auto line = reply.find("\r\n", at);
      const auto size = std::stoul(reply.substr(at + 1, line - at - 1));
      bulks.push_back(reply.substr(line + 2, size));
      at = reply.find('$', line + 2 + size);
    }
    cursor = bulks.at(0);
    found.insert(bulks.begin() + 1, bulks.end());
    during();
  } while (cursor != "0");
  return found;
}

TEST(Scan, ReturnsEveryKeyThatIsThereFromItsBeginningToItsEnd) {
  in_process_kv server;
  std::set<std::string> keys;
  for (int i = 0; i < 3000; ++i) {
    keys.insert("key" + std::to_string(i));
    server.command({"SET", "key" + std::to_string(i), "v"});
  }
  int n = 0;
  const auto found = scan_all(server, {"COUNT", "100", "MATCH", "key*"}, [&] {
    server.command({"SET", "new" + std::to_string(n), "v"});
    server.command({"DEL", "new" + std::to_string(n - 1)});
    ++n;
  });
  EXPECT_EQ(found, keys);
  EXPECT_GT(n, 10);
}

TEST(Scan, ChoosesByPatternAndType) {
  in_process_kv server;
  for (int i = 0; i < 100; ++i) server.command({"SET", "k" + std::to_string(i), "v"});
  auto nothing = [] {};
  EXPECT_EQ(scan_all(server, {"MATCH", "k1?"}, nothing).size(), 10u);
  EXPECT_EQ(scan_all(server, {"TYPE", "string"}, nothing).size(), 100u);
  EXPECT_EQ(scan_all(server, {"TYPE", "hash"}, nothing).size(), 0u);
}

TEST(RandomKey, IsAKeyAndNotAlwaysTheSame) {
  in_process_kv server;
  for (int i = 0; i < 50; ++i) server.command({"SET", "k" + std::to_string(i), "v"});
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) seen.insert(server.command({"RANDOMKEY"}));
  EXPECT_GT(seen.size(), 20u);
}

TEST(Limits, AValueGrowsOnlySoFar) {
  in_process_kv server;
  const std::string large(limits::value_bytes, 'v');
  EXPECT_EQ(server.command({"SET", "k", large}), "+OK\r\n");
  const std::string too_long = "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n";
  EXPECT_EQ(server.command({"APPEND", "k", "x"}), too_long);
  EXPECT_EQ(server.command({"SETRANGE", "k", std::to_string(large.size()), "x"}), too_long);
  EXPECT_EQ(server.command({"SETRANGE", "n", "9223372036854775807", "x"}), too_long);
  EXPECT_EQ(server.command({"STRLEN", "k"}), ":16777216\r\n");
}

TEST(Limits, AReplyThatWouldNotFitAFrameIsAnError) {
  in_process_kv server;
  server.command({"SET", "k", std::string(limits::value_bytes, 'v')});
  EXPECT_TRUE(server.command({"MGET", "k", "k", "k"}).starts_with("-ERR the reply would exceed"));
  EXPECT_EQ(server.command({"MGET", "k", "k"}).size(), 2 * (limits::value_bytes + 13) + 4);
}

TEST(Service, ReadsChangeNothing) {
  in_process_kv server;
  server.command({"SET", "k", "v", "EX", "10"});
  const auto before = server.view.writes;
  for (const std::vector<std::string>& read : {std::vector<std::string>{"GET", "k"},
                                               {"TTL", "k"},
                                               {"MGET", "k", "x"},
                                               {"KEYS", "*"},
                                               {"SCAN", "0"},
                                               {"EXISTS", "k"},
                                               {"DBSIZE"},
                                               {"RANDOMKEY"},
                                               {"GETEX", "k"}})
    server.command(read);
  EXPECT_EQ(server.view.writes, before);
}

TEST(Service, RefusesWhatTheEdgeWouldHaveAnswered) {
  auto service = make_service();
  map_view view;
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{}, {"PING"}, {"GET"}, {"NOPE", "x"}}) {
    capnp::MallocMessageBuilder request;
    auto into = request.initRoot<Command>().initArguments(static_cast<unsigned>(arguments.size()));
    for (unsigned i = 0; i < arguments.size(); ++i)
      into.set(i, {reinterpret_cast<const capnp::byte*>(arguments[i].data()), arguments[i].size()});
    capnp::MallocMessageBuilder reply;
    service.find(capnp::typeId<Command>())
        ->run(view, request.getRoot<capnp::AnyPointer>().asReader(), reply);
    EXPECT_TRUE(reply.getRoot<Answer>().isError());
  }
}

}  // namespace
}  // namespace kv::test
