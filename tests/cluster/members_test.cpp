// Real processes: a machine is replaced while clients write.
#include "tests/cluster/list_writer.hpp"
#include "tests/cluster/process_cluster.hpp"
#include "tests/cluster/redis_client.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <regex>
#include <vector>

namespace us::test {
namespace {

using namespace std::chrono_literals;

/// By the file of the first three, which does not name d: the group knows it. d is a voter when
/// this begins, and `first` leads when it ends. All is asked until it is so, as any leader may be
/// replaced on a machine that is busy.
void leads_by_the_file_without_it(const process_cluster& cluster, const std::string& first) {
  const auto tells = [&](const std::string& by, const std::vector<std::string>& all, int code,
                         const std::string& text) {
    process_cluster::ended last{};
    const bool told = eventually([&] {
      for (const auto& words : all) last = cluster.command(by, words);
      return last.code == code && last.output.find(text) != std::string::npos;
    });
    return told ? testing::AssertionSuccess()
                : testing::AssertionFailure() << all.back() << ": " << last.output;
  };
  ASSERT_TRUE(tells("a", {"lead --node d"}, 0, "d leads kv"));
  EXPECT_TRUE(tells("a", {"lead --node d"}, 0, "d leads kv already, in epoch"));
  EXPECT_TRUE(tells("a", {"lead --node d", "status"}, 0, "follower")) << "somebody leads";
  EXPECT_TRUE(tells("a", {"lead --node d", "members list"}, 0, "d leads, which "));
  EXPECT_TRUE(tells("a", {"lead --node d", "lead --node " + first}, 1, "d leads, which "));
  const auto nobody = cluster.command("a", "lead --node x");
  EXPECT_EQ(nobody.code, 2);
  EXPECT_NE(nobody.output.find("there is no node x"), std::string::npos) << nobody.output;
  ASSERT_TRUE(tells("d", {"lead --node " + first}, 0, first + " leads kv"));
}

// {a, b, c}; d, which their configuration files do not name, is added, promoted, and leads for a
// while; the leader is killed and removed; then another one of the first three is killed.
TEST(Members, AMachineIsReplacedUnderLoad) {
  process_cluster cluster;
  cluster.add_node("d");
  for (const auto* node : {"a", "b", "c"}) cluster.start(node);
  const auto first = cluster.wait_for_leader();
  ASSERT_FALSE(first.empty()) << cluster.output("a");
  std::vector<std::unique_ptr<list_writer>> writers;
  for (int i = 0; i < 3; ++i) writers.push_back(std::make_unique<list_writer>(cluster, i));
  const auto acknowledged = [&] {
    std::size_t sum = 0;
    for (const auto& w : writers) sum += w->acknowledged();
    return sum;
  };
  const auto goes_on = [&] {
    const auto enough = acknowledged() + 100;
    return eventually([&] { return acknowledged() > enough; });
  };
  const auto does = [&](const std::string& words) {
    process_cluster::ended last{};
    const bool done = eventually([&] {
      last = cluster.command("d", words);
      return last.code == 0;
    });
    return done ? testing::AssertionSuccess()
                : testing::AssertionFailure() << words << ": " << last.output;
  };
  ASSERT_TRUE(goes_on());
  EXPECT_EQ(cluster.command("a", "members promote --node d").code, 1);
  EXPECT_EQ(cluster.command("a", "members add --node d").code, 1) << "nobody knows where it is";
  cluster.start("d");
  ASSERT_TRUE(does("members add --node d"));
  ASSERT_TRUE(does("members promote --node d")) << cluster.output("d");
  const auto list = cluster.command("a", "members list");
  EXPECT_EQ(list.code, 0) << list.output;
  EXPECT_NE(list.output.find("127.0.0.1:" + std::to_string(cluster.link_port("d"))),
            std::string::npos)
      << list.output;
  ASSERT_NO_FATAL_FAILURE(leads_by_the_file_without_it(cluster, first));

  const auto leader = cluster.wait_for_leader();
  ASSERT_FALSE(leader.empty());
  cluster.kill_hard(leader);
  ASSERT_TRUE(does("members remove --node " + leader));
  ASSERT_TRUE(goes_on()) << "without " << leader;
  // Two of the three that are members now; of a, b and c, one alone is left.
  const std::string other = leader == "a" ? "b" : "a";
  cluster.kill_hard(other);
  ASSERT_TRUE(goes_on()) << "without " << leader << " and " << other << ": " << cluster.output("d");

  for (auto& w : writers) w->stop();
  redis_client client{cluster.redis_port("d"), 10'000};
  for (const auto& w : writers) w->reconcile(client);
}

/// Whether a file below the directory has the text in it.
bool holds(const std::string& directory, const std::string& text) {
  for (const auto& each : std::filesystem::recursive_directory_iterator{directory}) {
    if (!each.is_regular_file()) continue;
    std::ifstream in{each.path(), std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
    if (bytes.find(text) != std::string::npos) return true;
  }
  return false;
}

// {leader} | {the other, witness c}: the other goes on with every write, and no byte of one was on
// c.
TEST(Members, AWitnessDecidesAndKeepsNothing) {
  process_cluster cluster{{"a", "b", "c"}, "", "witnesses = [\"c\"]\n"};
  cluster.start_all();
  const auto leader = cluster.wait_for_leader();
  ASSERT_FALSE(leader.empty()) << cluster.output("a");
  ASSERT_NE(leader, "c");
  const std::string other = leader == "a" ? "b" : "a";
  const std::string value = "a-value-that-is-nowhere-else";
  redis_client by_witness{cluster.redis_port("c"), 10'000};
  for (int i = 0; i < 100; ++i)
    ASSERT_EQ(by_witness.run({"SET", "key-" + std::to_string(i), value + std::to_string(i)}).text,
              "OK");
  const auto list = cluster.command("a", "members list");
  EXPECT_NE(list.output.find("c       witness"), std::string::npos) << list.output;
  EXPECT_NE(cluster.command("a", "status").output.find("witness"), std::string::npos);
  EXPECT_NE(cluster.http_get("c", "/readyz").find("200 OK"), std::string::npos);
  const auto refused = cluster.command("a", "lead --node c");
  EXPECT_EQ(refused.code, 1);
  EXPECT_NE(refused.output.find("c is a witness"), std::string::npos) << refused.output;
  // One that no file names and nobody reaches: a learner changes nothing for the others.
  const auto added = cluster.command("a", "members add --node w --witness --address 127.0.0.1:1");
  EXPECT_EQ(added.code, 0) << added.output;
  const auto with_w = cluster.command("a", "members list").output;
  EXPECT_TRUE(std::regex_search(with_w, std::regex{"w +learner \\(witness\\) .* 127.0.0.1:1\n"}))
      << with_w;
  cluster.kill_hard(leader);
  EXPECT_EQ(cluster.wait_for_leader(), other);
  redis_client after{cluster.redis_port("c"), 10'000};
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(after.run({"GET", "key-" + std::to_string(i)}).text, value + std::to_string(i));
  cluster.kill_hard("c");
  EXPECT_FALSE(holds(cluster.directory() + "/c", value));
  EXPECT_TRUE(holds(cluster.directory() + "/" + other, value)) << "or this test finds nothing";
}

}  // namespace
}  // namespace us::test
