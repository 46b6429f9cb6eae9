// Which partition executes a command, and what commands about all keys make of all partitions.
#include "apps/kv/placing.hpp"
#include "tests/kv/in_process_kv.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <set>

namespace kv::test {
namespace {

constexpr std::uint32_t partitions = 4;

us::request_place place(const std::vector<std::string>& command) {
  const std::vector<std::string_view> views{command.begin(), command.end()};
  return place_of(views, partitions);
}

/// A key in the same partition as another, or in another one.
std::string key_like(const std::string& other, bool same) {
  for (int i = 0;; ++i) {
    auto key = "key-" + std::to_string(i);
    const bool is = us::partition_of(key, partitions) == us::partition_of(other, partitions);
    if (is == same && key != other) return key;
  }
}

TEST(Placing, GoesByTheKeysOfTheCommand) {
  EXPECT_EQ(place({"SET", "a", "v"}).partition, us::partition_of("a", partitions));
  EXPECT_EQ(place({"get", "b"}).partition, us::partition_of("b", partitions));
  EXPECT_EQ(place({"MSET", "a", "1", key_like("a", true), "2"}).partition,
            us::partition_of("a", partitions));
  for (const auto* name : {"MGET", "DEL", "EXISTS", "RENAME", "COPY"}) {
    EXPECT_NE(place({name, "a", key_like("a", false)}).refused, "") << name;
    EXPECT_EQ(place({name, "a", key_like("a", true)}).refused, "") << name;
  }
  EXPECT_NE(place({"MSET", "a", "1", key_like("a", false), "2"}).refused, "");
  EXPECT_EQ(place({"MSET", "a", key_like("a", false), "b"}).refused, "") << "a wrong one, anywhere";
  EXPECT_EQ(place({"NOSUCH", "a"}).refused, "");
}

TEST(Placing, GoesByWhatIsInBraces) {
  EXPECT_EQ(placed_part("{user}:1"), "user");
  EXPECT_EQ(placed_part("a{user}b{c}"), "user");
  EXPECT_EQ(placed_part("{}user"), "{}user");
  EXPECT_EQ(placed_part("a{user"), "a{user");
  EXPECT_EQ(placed_part("user}{x"), "user}{x");
  EXPECT_EQ(place({"MGET", "{x}1", "{x}2", "{x}3", "x"}).refused, "");
}

/// A service with partitions, one after another in this process, as clients of its edge see it.
class partitioned_kv {
 public:
  partitioned_kv() {
    for (std::uint32_t i = 0; i < partitions; ++i)
      parts_.emplace_back().view.part = {i, partitions};
  }
  in_process_kv& part(std::uint32_t i) { return parts_[i]; }
  in_process_kv& of(const std::vector<std::string>& command) {
    return parts_[place(command).partition];
  }
  /// As RESP, of a command that all execute.
  std::string everywhere(const std::vector<std::string>& command) {
    std::vector<std::string> replies;
    for (auto& each : parts_) replies.push_back(each.answer(command));
    const auto merged = place(command).everywhere({replies.begin(), replies.end()});
    capnp::FlatArrayMessageReader reader{us::as_words(merged)};
    std::string out;
    resp_writer{out, false}.answer(reader.getRoot<Answer>());
    return out;
  }

 private:
  std::deque<in_process_kv> parts_;
};

TEST(AllPartitions, AreCountedListedPickedFromAndFlushedTogether) {
  partitioned_kv kv;
  EXPECT_EQ(kv.everywhere({"RANDOMKEY"}), "$-1\r\n");
  for (int i = 0; i < 40; ++i) {
    const std::vector<std::string> set{"SET", "k" + std::to_string(i), "v"};
    EXPECT_EQ(kv.of(set).command(set), "+OK\r\n");
  }
  EXPECT_EQ(kv.everywhere({"DBSIZE"}), ":40\r\n");
  EXPECT_TRUE(kv.everywhere({"KEYS", "*"}).starts_with("*40\r\n"));
  EXPECT_EQ(kv.everywhere({"KEYS", "k7"}), "*1\r\n$2\r\nk7\r\n");
  EXPECT_TRUE(kv.everywhere({"RANDOMKEY"}).find("k") != std::string::npos);
  EXPECT_TRUE(kv.everywhere({"FLUSHALL", "NOW"}).starts_with("-ERR syntax"));
  EXPECT_EQ(kv.everywhere({"FLUSHALL"}), "+OK\r\n");
  EXPECT_EQ(kv.everywhere({"DBSIZE"}), ":0\r\n");
}

TEST(AllPartitions, AreWalkedThroughByScanOneAfterAnother) {
  partitioned_kv kv;
  std::set<std::string> expected, found;
  for (int i = 0; i < 200; ++i) {
    const std::vector<std::string> set{"SET", "k" + std::to_string(i), "v"};
    kv.of(set).command(set);
    expected.insert(set[1]);
  }
  std::string cursor = "0";
  int calls = 0;
  do {
    const std::vector<std::string> scan{"SCAN", cursor, "COUNT", "50"};
    const auto reply = kv.of(scan).answer(scan);
    capnp::FlatArrayMessageReader reader{us::as_words(reply)};
    const auto parts = reader.getRoot<Answer>().getArray();
    cursor.assign(parts[0].getBulk().asChars().begin(), parts[0].getBulk().size());
    for (auto key : parts[1].getArray())
      EXPECT_TRUE(found.emplace(key.getBulk().asChars().begin(), key.getBulk().size()).second);
  } while (cursor != "0" && ++calls < 100);
  EXPECT_EQ(found, expected);
  EXPECT_GE(calls, 3);
  // Beyond the last, and no number.
  EXPECT_EQ(kv.of({"SCAN", "99999999"}).command({"SCAN", "99999999"}), "*2\r\n$1\r\n0\r\n*0\r\n");
  EXPECT_EQ(kv.of({"SCAN", "x"}).command({"SCAN", "x"}), "-ERR invalid cursor\r\n");
}

TEST(AllPartitions, ExpireEachByItsOwnWalk) {
  const auto service = make_service();
  std::deque<in_process_kv> parts;
  for (std::uint32_t i = 0; i < partitions; ++i) {
    parts.emplace_back(service).view.part = {i, partitions};
    for (int k = 0; k < 500; ++k)
      parts[i].command({"SET", std::to_string(i) + "-" + std::to_string(k), "v", "PX", "10"});
    parts[i].view.now += 10;
  }
  for (int ticks = 0; ticks < 64; ++ticks)
    for (auto& each : parts) each.upkeep();
  for (auto& each : parts) EXPECT_EQ(each.view.size(), 0u);
}

}  // namespace
}  // namespace kv::test
