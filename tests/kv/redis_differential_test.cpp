// Sends the same bytes to a Redis server and to the kv service in this process, and compares the
// replies byte for byte. Not compared: what follows from the time that passes (TTL, PTTL), the
// order of a walk over keys, and what describes the server.
#include "tests/kv/differential_cases.hpp"
#include "tests/kv/in_process_kv.hpp"
#include "tests/kv/raw_client.hpp"
#include "tests/kv/redis_process.hpp"

#include <gtest/gtest.h>

#include <random>

namespace kv::test {
namespace {

constexpr char no_redis[] =
    "redis-server is not installed: install redis-server to compare with it";

class RedisDifferential : public testing::Test {
 protected:
  static void SetUpTestSuite() { redis = redis_process::start({"--databases", "1"}); }
  static void TearDownTestSuite() { redis.reset(); }
  void SetUp() override {
    if (!redis) GTEST_SKIP() << no_redis;
    connect();
    client->send("FLUSHALL\r\n");
    client->read_until("+OK\r\n");
  }
  void connect() { client = std::make_unique<raw_client>(redis->port()); }

  // Redis' reply to these bytes: what comes before the reply to an ECHO after them.
  std::string ask_redis(const std::string& bytes) {
    const std::string mark = "<end " + std::to_string(++marks) + ">";
    const auto echoed = "$" + std::to_string(mark.size()) + "\r\n" + mark + "\r\n";
    client->send(bytes + in_process_kv::as_resp({"ECHO", mark}));
    auto reply = client->read_until(echoed);
    if (reply.ends_with(echoed)) reply.resize(reply.size() - echoed.size());
    return reply;
  }
  void compare(const std::vector<std::string>& command) {
    const auto bytes = in_process_kv::as_resp(command);
    EXPECT_EQ(server.send(bytes), ask_redis(bytes)) << testing::PrintToString(command);
  }

  static std::unique_ptr<redis_process> redis;
  std::unique_ptr<raw_client> client;
  in_process_kv server;
  int marks = 0;
};

std::unique_ptr<redis_process> RedisDifferential::redis;

TEST_F(RedisDifferential, EveryCommandAnswersTheSame) {
  server.view.now = 2'000'000'000'000;  // later than the points in time that the cases call past
  for (const auto& command : differential_cases()) compare(command);
}

TEST_F(RedisDifferential, EveryCommandAnswersTheSameInResp3) {
  const auto hello = in_process_kv::as_resp({"HELLO", "3"});
  server.send(hello);
  ask_redis(hello);
  server.view.now = 2'000'000'000'000;
  for (const auto& command : differential_cases())
    if (command.at(0) != "RESET" && command.at(0) != "HELLO") compare(command);
}

TEST_F(RedisDifferential, InlineCommandsAnswerTheSame) {
  for (const auto& line : inline_cases())
    EXPECT_EQ(server.send(line), ask_redis(line)) << testing::PrintToString(line);
}

// After these the server closes: all of the reply is compared.
TEST_F(RedisDifferential, ProtocolErrorsAnswerTheSame) {
  for (const auto& bytes : protocol_error_cases()) {
    connect();
    client->send(bytes);
    client->end_sending();
    in_process_kv fresh;
    EXPECT_EQ(fresh.send(bytes), client->read_to_end())
        << testing::PrintToString(bytes.substr(0, 60));
    EXPECT_TRUE(fresh.closing());
  }
}

// Patterns over keys, one key each, so that no order matters.
TEST_F(RedisDifferential, PatternsMatchTheSame) {
  std::mt19937 random{7};
  const std::string pattern_letters = "ab*?[]^-\\c";
  const std::string key_letters = "abc]-^[\\";
  auto word = [&](const std::string& letters, std::size_t size_max, std::size_t size_min) {
    std::string result(size_min + random() % (size_max - size_min + 1), ' ');
    for (auto& c : result) c = letters[random() % letters.size()];
    return result;
  };
  for (int i = 0; i < 3000; ++i) {
    const auto key = word(key_letters, 5, 1);
    compare({"SET", key, ""});
    compare({"KEYS", word(pattern_letters, 7, 0)});
    compare({"DEL", key});
    if (HasFailure()) return;
  }
}

// Commands at random over few keys and few arguments, so that they meet each other.
TEST_F(RedisDifferential, RandomCommandsAnswerTheSame) {
  std::mt19937 random{11};
  const std::vector<std::string> keys = {"a", "b", "c"};
  const auto& words = random_words();
  std::vector<command> known;
  for (const auto& each : commands())
    if (each.run != nullptr && compares_at_random(each.name)) known.push_back(each);
  for (int i = 0; i < 20'000; ++i) {
    const auto& what = known[random() % known.size()];
    std::vector<std::string> arguments{std::string{what.name}};
    const auto least = static_cast<std::size_t>(std::abs(what.arity)) - 1;
    const auto count = least + (what.arity < 0 ? random() % 4 : 0);
    for (std::size_t at = 1; at <= count; ++at) {
      const bool key = what.first_key != 0 && static_cast<int>(at) >= what.first_key &&
                       (what.last_key < 0 || static_cast<int>(at) <= what.last_key) &&
                       (static_cast<int>(at) - what.first_key) % what.key_step == 0;
      const auto& from = key ? keys : words;
      arguments.push_back(from[random() % from.size()]);
    }
    compare(arguments);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace kv::test
