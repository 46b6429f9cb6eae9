// The loss journal from outside: what an async leader acknowledged and nobody else had is listed,
// exported and submitted again, over real processes on loopback.
#include "actors/app/http.hpp"
#include "tests/app/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <memory>
#include <regex>

namespace {

using testing::HasSubstr;

const std::string counter = COUNTER_PROGRAM;

class Losses : public testing::Test {
 protected:
  Losses() {
    // A leader without followers goes on for twice the election timeout: time to be written to.
    std::ofstream out{file_};
    out << "[cluster]\nname = \"demo\"\n[timing]\nelection_timeout_min_ms = 4000\n"
        << "[service.counter]\nacknowledge = \"async\"\n";
    for (unsigned i = 0; i < 3; ++i) {
      const std::string name(1, static_cast<char>('a' + i));
      out << "[[node]]\nname = \"" << name << "\"\naddress = \"127.0.0.1:" << ports_[i]
          << "\"\nadmin = \"127.0.0.1:" << ports_[3 + i] << "\"\ndata = \"" << data(name) << "\"\n";
    }
  }

  std::string data(const std::string& node) const { return directory_.path() + "/" + node; }
  void start(const std::string& node) {
    nodes_[node] = std::make_unique<test::program>(
        counter, std::vector<std::string>{"run", "--config", file_, "--node", node});
  }
  void kill(const std::string& node) { nodes_.erase(node); }
  test::ended run(const std::string& command, std::vector<std::string> more) {
    more.insert(more.begin(), {command, "--config", file_});
    return test::run(counter, more);
  }
  /// Exit code 0, once the cluster has a leader.
  test::ended add(int amount, const std::string& node) {
    return run("call",
               {"--node", node, "Add", R"({"name":"x","amount":)" + std::to_string(amount) + "}"});
  }
  test::ended losses(std::vector<std::string> more) {
    more.insert(more.begin(), {"losses", "--data"});
    return test::run(counter, more);
  }
  template <class F>
  static bool eventually(F done) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{90};
    while (!done())
      if (std::chrono::steady_clock::now() > until) return false;
    return true;
  }
  std::string leader() {
    std::string found;
    EXPECT_TRUE(eventually([&] {
      const auto status = run("status", {"--json"});
      std::smatch match;
      if (status.code == 0 &&
          std::regex_search(status.output, match, std::regex{"\"leader\":\"([abc])\""}))
        found = match[1];
      return !found.empty();
    }));
    return found;
  }

  test::temporary_directory directory_;
  std::string file_ = directory_.path() + "/counter.toml";
  std::vector<std::uint16_t> ports_ = test::free_ports(6);
  std::map<std::string, std::unique_ptr<test::program>> nodes_;
};

// {a, b, c}, async: the followers are killed, the leader acknowledges and is killed, and comes back
// to a cluster that went on without what it had.
TEST_F(Losses, AreListedExportedAndReplayed) {
  for (const std::string node : {"a", "b", "c"}) start(node);
  const auto old = leader();
  std::vector<std::string> others;
  for (const std::string node : {"a", "b", "c"})
    if (node != old) others.push_back(node);
  ASSERT_EQ(add(1, old).code, 0);
  for (const auto& node : others) kill(node);
  const auto acknowledged = add(10, old);
  ASSERT_EQ(acknowledged.code, 0) << acknowledged.output;
  ASSERT_THAT(acknowledged.output, HasSubstr("\"value\":11"));
  kill(old);

  for (const auto& node : others) start(node);
  ASSERT_TRUE(eventually([&] { return add(100, others[0]).code == 0; }));
  start(old);
  test::ended listed;
  ASSERT_TRUE(eventually([&] {
    listed = losses({data(old)});
    return listed.output.find("1 acknowledged and lost") != std::string::npos;
  })) << listed.output;
  EXPECT_THAT(listed.output, HasSubstr("counter  acknowledged  lost"));
  EXPECT_THAT(listed.output, HasSubstr("from " + old + " at " + old + "  Add  keys x"));

  EXPECT_THAT(run("status", {}).output,
              HasSubstr("the loss journal of " + old + " for counter: 1 acknowledged"));
  const us::endpoint admin{"127.0.0.1", ports_[3 + static_cast<unsigned>(old[0] - 'a')]};
  const auto metrics = us::http_call(admin, {"GET", "/metrics", ""}, std::chrono::seconds{30});
  ASSERT_TRUE(metrics) << metrics.error().text;
  EXPECT_THAT((*metrics).body,
              HasSubstr("understudy_losses{kind=\"acknowledged\",service=\"counter\"} 1"));
  const auto exported = losses({data(old), "--json"});
  EXPECT_EQ(exported.code, 0);
  EXPECT_THAT(exported.output, HasSubstr("\"state\":\"lost\""));
  EXPECT_THAT(exported.output, HasSubstr("\"request\":{\"type\":\"Add\",\"body\":{"));
  EXPECT_THAT(exported.output, HasSubstr("\"amount\":10"));

  // The reported loss is the real one: 10 of what was acknowledged is not there.
  std::smatch total;
  auto read = add(0, old);
  ASSERT_TRUE(std::regex_search(read.output, total, std::regex{"\"value\":([0-9]+)"}))
      << read.output;
  const auto before = std::stoi(total[1]);
  EXPECT_EQ(before % 100, 1) << "1 survived, and 10 is lost";

  const auto replayed = losses({data(old), "--replay", "--config", file_});
  EXPECT_EQ(replayed.code, 0) << replayed.output;
  EXPECT_THAT(replayed.output, HasSubstr("1 replayed, 0 not"));
  EXPECT_THAT(add(0, old).output, HasSubstr("\"value\":" + std::to_string(before + 10)));
  const auto again = losses({data(old), "--replay", "--config", file_});
  EXPECT_THAT(again.output, HasSubstr("0 replayed, 0 not"));
  EXPECT_THAT(losses({data(old)}).output, HasSubstr("counter  acknowledged  replayed"));
  EXPECT_THAT(add(0, old).output, HasSubstr("\"value\":" + std::to_string(before + 10)));
}

TEST_F(Losses, OfADirectoryThatIsNotThereAreAnError) {
  const auto listed = losses({directory_.path() + "/nobody"});
  EXPECT_EQ(listed.code, 2);
  EXPECT_EQ(listed.output, "there is no directory " + directory_.path() + "/nobody\n");
  const auto without = test::run(counter, {"losses"});
  EXPECT_EQ(without.code, 2);
  EXPECT_THAT(without.output, HasSubstr("--data is required"));
}

TEST_F(Losses, AreNoneInADirectoryOfANodeThatLostNothing) {
  const auto none = losses({directory_.path()});
  EXPECT_EQ(none.code, 0);
  EXPECT_EQ(none.output,
            "0 acknowledged and lost, 0 unacknowledged and lost, 0 dropped by the bound\n");
}

}  // namespace
