// The edge over real sockets, with a fake seat behind it: what clients of the Redis protocol see.
#include "tests/kv/edge_node.hpp"
#include "tests/kv/in_process_kv.hpp"
#include "tests/kv/raw_client.hpp"

#include <gtest/gtest.h>
#include <hiredis/hiredis.h>

#include <numeric>

namespace kv::test {
namespace {

std::string resp(const std::vector<std::string>& arguments) {
  return in_process_kv::as_resp(arguments);
}

std::string ask(raw_client& client, std::string_view bytes) {
  client.send(bytes);
  return client.read_until("\r\n");
}

TEST(RedisEdge, ServesARealClientLibrary) {
  edge_node node;
  auto* redis = redisConnect("127.0.0.1", node.port());
  ASSERT_EQ(redis->err, 0) << redis->errstr;
  auto run = [&](auto... arguments) {
    auto* reply = static_cast<redisReply*>(redisCommand(redis, arguments...));
    std::string text = reply == nullptr                     ? "no reply"
                       : reply->type == REDIS_REPLY_INTEGER ? std::to_string(reply->integer)
                       : reply->str != nullptr              ? std::string{reply->str, reply->len}
                                                            : "nil";
    freeReplyObject(reply);
    return text;
  };
  EXPECT_EQ(run("SET %s %b", "key", "a\0b", std::size_t{3}), "OK");
  EXPECT_EQ(run("GET key"), (std::string{"a\0b", 3}));
  EXPECT_EQ(run("GET other"), "nil");
  EXPECT_EQ(run("INCR n"), "1");
  EXPECT_EQ(run("PING"), "PONG");
  EXPECT_EQ(run("NOPE"), "ERR unknown command 'NOPE', with args beginning with: ");
  redisFree(redis);
}

TEST(RedisEdge, AnswersALongPipelineInOrder) {
  edge_node node;
  auto* redis = redisConnect("127.0.0.1", node.port());
  constexpr int count = 20'000;
  for (int i = 0; i < count; ++i) {
    if (i % 7 == 0)
      redisAppendCommand(redis, "ECHO %d", i);
    else
      redisAppendCommand(redis, "INCRBY n 1");
  }
  int expected = 0;
  for (int i = 0; i < count; ++i) {
    redisReply* reply = nullptr;
    ASSERT_EQ(redisGetReply(redis, reinterpret_cast<void**>(&reply)), REDIS_OK) << i;
    if (i % 7 == 0)
      ASSERT_EQ(std::stoi(reply->str), i);
    else
      ASSERT_EQ(reply->integer, ++expected);
    freeReplyObject(reply);
  }
  redisFree(redis);
}

TEST(RedisEdge, CollectsWhatAllClientsAskInOneTurnIntoOneBatch) {
  edge_node node;
  std::vector<raw_client> clients;
  for (int i = 0; i < 32; ++i) {
    clients.emplace_back(node.port());
    ASSERT_EQ(ask(clients.back(), "PING\r\n"), "+PONG\r\n");
  }
  // The loop is busy while all of them ask.
  node.on_loop([&] {
    for (auto& client : clients) client.send("INCR n\r\nINCR n\r\n");
  });
  for (auto& client : clients) {
    const auto replies = client.read_until("\r\n");
    EXPECT_EQ(std::count(replies.begin(), replies.end(), ':'), 2);
  }
  EXPECT_EQ(node.seat().batches(), std::vector<std::size_t>{64});
}

TEST(RedisEdge, KeepsWhatAClientSendsBehindItsCommandsUnderWay) {
  edge_node node;
  raw_client one{node.port()};
  raw_client other{node.port()};
  node.seat().hold();
  one.send("SET k 1\r\n");
  ASSERT_TRUE(node.seat().wait_for_requests(1));
  one.send("INCR k\r\nPING\r\n");
  EXPECT_EQ(ask(other, "PING\r\n"), "+PONG\r\n");
  other.send("GET k\r\n");
  ASSERT_TRUE(node.seat().wait_for_requests(2));
  EXPECT_EQ(node.seat().batches(), (std::vector<std::size_t>{1, 1}));
  node.seat().release();
  EXPECT_EQ(one.read_until("+PONG\r\n"), "+OK\r\n:2\r\n+PONG\r\n");
  EXPECT_EQ(node.seat().batches(), (std::vector<std::size_t>{1, 1, 1}));
}

TEST(RedisEdge, SaysWhatBecameOfACommandThatWasNotDone) {
  using us::message::Outcome;
  using us::message::Reason;
  edge_node node;
  raw_client client{node.port()};
  const std::pair<seat_script::answer, std::string> cases[] = {
      {{Outcome::REJECTED, Reason::NO_LEADER, "no leader"},
       "-TRYAGAIN no leader; the command was not executed\r\n"},
      {{Outcome::REJECTED, Reason::OVERLOADED, "too much"},
       "-BUSY too much; the command was not executed\r\n"},
      {{Outcome::REJECTED, Reason::FAILED, "two\r\nlines"}, "-ERR two  lines\r\n"},
      {{Outcome::REJECTED, Reason::DISK_FULL, "b: full"},
       "-MISCONF no space left on disk: writes are refused until there is (b: full)\r\n"},
      {{Outcome::UNKNOWN, Reason::TIMED_OUT, "no answer"},
       "-UNKNOWN the outcome is not known: the command may or may not have been executed "
       "(no answer)\r\n"},
  };
  for (const auto& [outcome, reply] : cases) {
    node.seat().answer_with(outcome);
    EXPECT_EQ(ask(client, "SET k v\r\n"), reply);
  }
  node.seat().answer_with(std::nullopt);
  EXPECT_EQ(ask(client, "SET k v\r\n"), "+OK\r\n");
}

TEST(RedisEdge, RefusesClientsBeyondItsBoundAndTakesThemAgainLater) {
  edge_node node{{.clients_max = 2}};
  raw_client one{node.port()};
  ASSERT_EQ(ask(one, "PING\r\n"), "+PONG\r\n");
  {
    raw_client two{node.port()};
    ASSERT_EQ(ask(two, "PING\r\n"), "+PONG\r\n");
    raw_client three{node.port()};
    EXPECT_EQ(three.read_to_end(), "-ERR max number of clients reached\r\n");
    ask(two, "QUIT\r\n");
    EXPECT_EQ(two.read_to_end(), "");
  }
  raw_client again{node.port()};
  EXPECT_EQ(ask(again, "PING\r\n"), "+PONG\r\n");
  EXPECT_EQ(ask(one, "PING\r\n"), "+PONG\r\n");
}

TEST(RedisEdge, ClosesOnGarbageAndServesTheOthers) {
  edge_node node;
  raw_client good{node.port()};
  const std::string garbage[] = {"*1\r\n$629145600\r\n", "*99999999\r\n", "*1\r\n:1\r\n", "\"\r\n",
                                 std::string(70'000, 'x')};
  for (const auto& each : garbage) {
    raw_client bad{node.port()};
    bad.send(each);
    EXPECT_TRUE(bad.read_to_end().starts_with("-ERR Protocol error: ")) << each.substr(0, 20);
    EXPECT_EQ(ask(good, "PING\r\n"), "+PONG\r\n");
  }
}

TEST(RedisEdge, CutsOffAClientThatDoesNotReadItsReplies) {
  edge_node node{{.output_bytes_max = 4u << 20}};
  raw_client good{node.port()};
  const std::string large(1u << 20, 'v');
  EXPECT_EQ(ask(good, resp({"SET", "k", large})), "+OK\r\n");
  raw_client slow{node.port()};
  std::string gets;
  for (int i = 0; i < 12; ++i) gets += "GET k\r\n";
  slow.send(gets);  // at once: one by one, the first replies would hold back the other commands
  ASSERT_TRUE(node.log().wait_for("redis_client_cut_off"));
  EXPECT_EQ(node.log().field("redis_client_cut_off", "why"), "it does not read its replies");
  EXPECT_EQ(ask(good, "PING\r\n"), "+PONG\r\n");
}

TEST(RedisEdge, AClientThatReadsGetsMoreThanTheBoundOfWhatWaits) {
  edge_node node{{.output_bytes_max = 16u << 20}};
  raw_client client{node.port()};
  const std::string large(100'000, 'v');
  EXPECT_EQ(ask(client, resp({"SET", "k", large})), "+OK\r\n");
  std::string commands;
  constexpr std::size_t count = 400;
  for (std::size_t i = 0; i < count; ++i) commands += "GET k\r\n";
  client.send(commands);
  const auto one = "$100000\r\n" + large + "\r\n";
  EXPECT_EQ(client.read(count * one.size()).size(), count * one.size());
}

TEST(RedisEdge, RepliesGoToWhoAskedThoughTheSocketsNumberIsUsedAgain) {
  edge_node node;
  node.seat().hold();
  {
    raw_client gone{node.port()};
    gone.send("SET k secret\r\nGET k\r\n");
    ASSERT_TRUE(node.seat().wait_for_requests(2));
  }
  std::vector<raw_client> fresh;
  for (int i = 0; i < 8; ++i) {
    fresh.emplace_back(node.port());
    ASSERT_EQ(ask(fresh.back(), "PING\r\n"), "+PONG\r\n");
  }
  node.seat().release();
  for (auto& client : fresh) EXPECT_EQ(ask(client, "ECHO x\r\n"), "$1\r\nx\r\n" + client.read(0));
}

TEST(RedisEdge, AnswersAClientThatEndedItsSideWhileItsCommandsWereUnderWay) {
  edge_node node;
  node.seat().hold();
  raw_client client{node.port()};
  client.send("SET k v\r\nGET k\r\n");
  client.end_sending();
  ASSERT_TRUE(node.seat().wait_for_requests(2));
  raw_client other{node.port()};
  for (int i = 0; i < 3; ++i) ASSERT_EQ(ask(other, "PING\r\n"), "+PONG\r\n");
  node.seat().release();
  EXPECT_EQ(client.read_to_end(), "+OK\r\n$1\r\nv\r\n");
}

TEST(RedisEdge, StopsReadingWhileManyCommandsHaveNoOutcome) {
  edge_node node{{.open_max = 10}};
  std::vector<raw_client> clients;
  node.seat().hold();
  for (int i = 0; i < 40; ++i) {
    clients.emplace_back(node.port());
    clients.back().send("INCR n\r\n");
  }
  ASSERT_TRUE(node.seat().wait_for_requests(11));
  raw_client edge_only{node.port()};
  const auto batches = node.seat().batches();
  EXPECT_LE(std::accumulate(batches.begin(), batches.end(), std::size_t{0}), 11u);
  node.seat().release();
  for (auto& client : clients) EXPECT_TRUE(client.read_until("\r\n").starts_with(":"));
  EXPECT_EQ(ask(edge_only, "PING\r\n"), "+PONG\r\n");
}

TEST(RedisEdge, ServesEveryClientWhileItHoldsThemBackAgainAndAgain) {
  edge_node node{{.open_max = 20}};
  constexpr std::size_t count = 300;
  raw_client writer{node.port()};
  const std::string value(20'000, 'v');
  EXPECT_EQ(ask(writer, resp({"SET", "k", value})), "+OK\r\n");
  std::string commands;
  for (std::size_t i = 0; i < count; ++i) commands += "GET k\r\n";
  std::vector<raw_client> clients;
  for (int i = 0; i < 16; ++i) {
    clients.emplace_back(node.port());
    clients.back().send(commands);
  }
  const auto one = "$20000\r\n" + value + "\r\n";
  for (auto& client : clients) {
    EXPECT_EQ(client.read(count * one.size()).size(), count * one.size());
    EXPECT_EQ(ask(client, "PING\r\n"), "+PONG\r\n");
  }
}

TEST(RedisEdge, AnswersWhatIsUnderWayBeforeItStops) {
  edge_node node;
  node.seat().hold();
  raw_client client{node.port()};
  raw_client idle{node.port()};
  ASSERT_EQ(ask(idle, "PING\r\n"), "+PONG\r\n");
  client.send("SET k v\r\n");
  ASSERT_TRUE(node.seat().wait_for_requests(1));
  client.send("GET k\r\n");
  ASSERT_EQ(ask(idle, "PING\r\n"), "+PONG\r\n");
  node.ask_edge_to_stop();
  EXPECT_EQ(idle.read_to_end(), "");
  node.seat().release();
  EXPECT_EQ(client.read_to_end(),
            "+OK\r\n-TRYAGAIN this node is stopping; the command was not executed\r\n");
  EXPECT_TRUE(node.wait_for_edge());
  EXPECT_ANY_THROW(raw_client{node.port()});
}

TEST(RedisEdge, SaysWhichPortIsInUse) {
  edge_node node;
  const auto second = node.start_another({"127.0.0.1", node.port()});
  ASSERT_FALSE(second);
  const auto& text = second.error().text;
  EXPECT_NE(text.find("redis 127.0.0.1:" + std::to_string(node.port())), std::string::npos) << text;
  EXPECT_NE(text.find("in use"), std::string::npos) << text;
  EXPECT_EQ(text.find('\n'), std::string::npos);
}

TEST(RedisEdge, ListensOnIPv6) {
  std::unique_ptr<edge_node> node;
  try {
    node = std::make_unique<edge_node>(redis_options{}, "::1");
  } catch (const std::runtime_error& e) {
    GTEST_SKIP() << "no IPv6 loopback here: " << e.what();
  }
  raw_client client{node->port(), "::1"};
  EXPECT_EQ(ask(client, "PING\r\n"), "+PONG\r\n");
}

// What comes behind a change of the mode waits for what came before it, though all was sent at
// once.
TEST(RedisEdge, AsksForTheModeOfTheConnection) {
  using mode = us::message::Acknowledge;
  edge_node node;
  raw_client one{node.port()};
  EXPECT_EQ(ask(one, "CLIENT ACKNOWLEDGE\r\n"), "$7\r\nservice\r\n");
  one.send(
      "INCR n\r\nCLIENT ACKNOWLEDGE async\r\nINCR n\r\nINCR n\r\nCLIENT ACKNOWLEDGE All\r\nINCR "
      "n\r\n"
      "CLIENT ACKNOWLEDGE\r\n");
  EXPECT_EQ(one.read_until("$3\r\nall\r\n"), ":1\r\n+OK\r\n:2\r\n:3\r\n+OK\r\n:4\r\n$3\r\nall\r\n");
  EXPECT_EQ(node.seat().batches(), (std::vector<std::size_t>{1, 2, 1}));
  EXPECT_EQ(node.seat().modes(), (std::vector<mode>{mode::SERVICE, mode::ASYNC, mode::ALL}));
  EXPECT_EQ(ask(one, "CLIENT ACKNOWLEDGE some\r\n"), "-ERR syntax error\r\n");
  EXPECT_EQ(ask(one, "RESET\r\n"), "+RESET\r\n");
  EXPECT_EQ(ask(one, "INCR n\r\n"), ":5\r\n");
  EXPECT_EQ(node.seat().modes().back(), mode::SERVICE);
}

// Commands that write are still the leader's, and none overtakes another of the same client.
TEST(RedisEdge, AsksForReadsOfTheAgeThatTheConnectionTakes) {
  edge_node node;
  raw_client one{node.port()};
  EXPECT_EQ(ask(one, "CLIENT READS\r\n"), "$12\r\nlinearizable\r\n");
  one.send(
      "SET k 1\r\nCLIENT READS 50ms\r\nGET k\r\nSET k 2\r\nGET k\r\nCLIENT READS Local\r\nGET k\r\n"
      "CLIENT READS\r\n");
  EXPECT_EQ(one.read_until("$5\r\nlocal\r\n"),
            "+OK\r\n+OK\r\n$1\r\n1\r\n+OK\r\n$1\r\n2\r\n+OK\r\n$1\r\n2\r\n$5\r\nlocal\r\n");
  EXPECT_EQ(node.seat().reads(),
            (std::vector<std::string>{"leader", "bounded 50000 after 1", "leader",
                                      "bounded 50000 after 3", "local after 0"}));
  EXPECT_EQ(ask(one, "CLIENT READS sometimes\r\n").substr(0, 23), "-ERR CLIENT READS takes");
  EXPECT_EQ(ask(one, "RESET\r\n"), "+RESET\r\n");
  EXPECT_EQ(ask(one, "CLIENT READS\r\n"), "$12\r\nlinearizable\r\n");
}

TEST(RedisEdge, KeepsClientsOfDifferentModesApart) {
  using mode = us::message::Acknowledge;
  edge_node node;
  raw_client one{node.port()};
  raw_client two{node.port()};
  ask(one, "CLIENT ACKNOWLEDGE quorum\r\n");
  ask(two, "CLIENT ACKNOWLEDGE async\r\n");
  node.on_loop([&] {
    one.send("INCR n\r\nINCR n\r\n");
    two.send("INCR m\r\n");
  });
  EXPECT_EQ(two.read_until("\r\n"), ":1\r\n");
  EXPECT_EQ(one.read_until(":2\r\n"), ":1\r\n:2\r\n");
  const auto batches = node.seat().batches();
  const auto modes = node.seat().modes();
  ASSERT_EQ(batches.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(batches[i], modes[i] == mode::QUORUM ? 2u : 1u);
}

TEST(RedisEdge, TellsAboutItsClients) {
  edge_node node;
  raw_client one{node.port()};
  raw_client two{node.port()};
  ask(one, "CLIENT SETNAME first\r\n");
  ask(two, "CLIENT SETNAME second\r\n");
  two.send("CLIENT LIST\r\n");
  const auto list = two.read_until("\n\r\n");
  EXPECT_NE(list.find("name=first"), std::string::npos) << list;
  EXPECT_NE(list.find("name=second"), std::string::npos) << list;
}

}  // namespace
}  // namespace kv::test
