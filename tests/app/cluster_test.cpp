// The command line of a program, over real processes on loopback.
#include "tests/app/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <regex>

namespace {

using test::program;
using testing::ContainsRegex;
using testing::HasSubstr;

const std::string counter = COUNTER_PROGRAM;

struct Cluster : testing::Test {
  test::temporary_directory directory;
  std::string file = directory.path() + "/counter.toml";
  std::vector<std::uint16_t> ports = test::free_ports(6);

  Cluster() { write("demo"); }

  void write(const std::string& cluster) {
    std::ofstream out{file};
    out << "[cluster]\nname = \"" << cluster << "\"\n[service.counter]\n";
    for (unsigned i = 0; i < 3; ++i) {
      std::string name(1, static_cast<char>('a' + i));
      out << "[[node]]\nname = \"" << name << "\"\naddress = \"127.0.0.1:" << ports[i]
          << "\"\nadmin = \"127.0.0.1:" << ports[3 + i] << "\"\ndata = \"" << directory.path()
          << "/" << name << "\"\n";
    }
  }

  std::vector<std::string> words(const std::string& command, std::vector<std::string> more = {}) {
    std::vector<std::string> all{command, "--config", file};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  test::ended run(const std::string& command, std::vector<std::string> more = {}) {
    return test::run(counter, words(command, std::move(more)));
  }
  test::ended add(const std::string& amount) {
    return run("call", {"Add", R"({"name":"x","amount":)" + amount + "}"});
  }

  // The pid of a node, from the line that it writes when it is up.
  static pid_t pid_of(program& cluster, const std::string& node) {
    auto line = cluster.line_with(node + " is up");
    std::smatch found;
    if (!line || !std::regex_search(*line, found, std::regex{"process ([0-9]+)"}))
      throw std::runtime_error{node + " is not up:\n" + cluster.output()};
    return std::stoi(found[1]);
  }
};

TEST_F(Cluster, AnswersWhileItRunsAndStopsInOrder) {
  program cluster{counter, words("cluster")};
  ASSERT_TRUE(cluster.line_with("every node is up")) << cluster.output();
  auto added = add("2");
  EXPECT_EQ(added.code, 0) << added.output;
  EXPECT_EQ(added.output, "{\"value\":2}\n");
  for (auto node : {"a", "b", "c"}) {
    auto got = run("call", {"--node", node, "counter", "Get", R"({"name":"x"})"});
    EXPECT_EQ(got.output, "{\"value\":2}\n") << node;
  }
  auto read = run("call", {"--node", "c", "--reads", "0ms", "Get", R"({"name":"x"})"});
  EXPECT_THAT(read.output, HasSubstr("{\"value\":2}\n"));
  EXPECT_THAT(read.output, HasSubstr("not older than ")) << "answered by c, which tells the age";
  auto changes = run("call", {"--reads", "local", "Add", R"({"name":"x","amount":1})"});
  EXPECT_EQ(changes.code, 1);
  EXPECT_THAT(changes.output, HasSubstr("notARead"));
  auto status = run("status");
  EXPECT_EQ(status.code, 0) << status.output;
  EXPECT_THAT(status.output, ContainsRegex("a +up +counter +(leader|follower)"));
  EXPECT_THAT(run("status", {"--json"}).output, HasSubstr("\"reachable\":true"));
  cluster.signal(SIGTERM);
  EXPECT_EQ(cluster.wait(), 0) << cluster.output();
  EXPECT_EQ(run("status").code, 1);
  EXPECT_EQ(add("1").code, 1);
}

TEST_F(Cluster, LetsTheNodeLeadThatIsWanted) {
  program cluster{counter, words("cluster")};
  const auto stopped = pid_of(cluster, "a");
  ASSERT_TRUE(cluster.line_with("every node is up")) << cluster.output();
  ASSERT_EQ(add("2").code, 0);
  for (auto node : {"b", "c", "b"}) {
    auto led = run("lead", {"--node", node});
    EXPECT_EQ(led.code, 0) << led.output;
    EXPECT_THAT(led.output, HasSubstr(std::string{node} + " leads counter"));
    EXPECT_THAT(run("status").output, ContainsRegex(std::string{node} + " +up +counter +leader"));
  }
  EXPECT_THAT(run("lead", {"--node", "b"}).output, HasSubstr("b leads counter already"));
  EXPECT_EQ(add("1").output, "{\"value\":3}\n");
  auto nobody = run("lead", {"--node", "x"});
  EXPECT_EQ(nobody.code, 2);
  EXPECT_THAT(nobody.output, HasSubstr("there is no node x"));
  EXPECT_EQ(run("lead").code, 2);
  ASSERT_EQ(kill(stopped, SIGSTOP), 0);
  auto silent = run("lead", {"--node", "a"});
  EXPECT_EQ(silent.code, 1);
  EXPECT_THAT(silent.output, HasSubstr("a is not heard"));
  kill(stopped, SIGCONT);
  cluster.signal(SIGTERM);
  EXPECT_EQ(cluster.wait(), 0) << cluster.output();
}

TEST_F(Cluster, StartsANodeAgainThatWasKilled) {
  program cluster{counter, words("cluster")};
  auto first = pid_of(cluster, "b");
  ASSERT_EQ(add("1").output, "{\"value\":1}\n");
  kill(first, SIGKILL);
  EXPECT_TRUE(cluster.line_with("b ended with signal 9")) << cluster.output();
  EXPECT_NE(pid_of(cluster, "b"), first);
  EXPECT_EQ(add("1").output, "{\"value\":2}\n");
  cluster.signal(SIGINT);
  EXPECT_EQ(cluster.wait(), 0) << cluster.output();
}

TEST_F(Cluster, EndsWithItsLauncher) {
  program cluster{counter, words("cluster")};
  std::vector<pid_t> nodes;
  for (int i = 0; i < 3; ++i) nodes.push_back(pid_of(cluster, ""));
  cluster.signal(SIGKILL);
  for (auto node : nodes) EXPECT_TRUE(test::gone(node));
}

TEST_F(Cluster, KeepsWhatWasAnsweredOverAStop) {
  for (auto expected : {"{\"value\":5}\n", "{\"value\":10}\n"}) {
    program cluster{counter, words("cluster")};
    ASSERT_TRUE(cluster.line_with("every node is up")) << cluster.output();
    EXPECT_EQ(add("5").output, expected);
    cluster.signal(SIGTERM);
    EXPECT_EQ(cluster.wait(), 0) << cluster.output();
  }
}

// As systemd and timeout(1) do it.
TEST_F(Cluster, TakesTheSameSignalTwiceForOne) {
  program cluster{counter, words("cluster")};
  ASSERT_TRUE(cluster.line_with("every node is up")) << cluster.output();
  cluster.signal(SIGTERM);
  ASSERT_TRUE(cluster.line_with("stopping")) << cluster.output();
  cluster.signal(SIGTERM);
  EXPECT_EQ(cluster.wait(), 0) << cluster.output();
  EXPECT_THAT(cluster.output(), HasSubstr("a stops"));
}

TEST_F(Cluster, RunsAllNodesInOneProcess) {
  program process{counter, words("run")};
  ASSERT_TRUE(process.line_with("c is up")) << process.output();
  EXPECT_EQ(add("3").output, "{\"value\":3}\n");
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait(), 0) << process.output();
}

TEST_F(Cluster, SaysWhatIsWrongWithARequest) {
  program process{counter, words("run")};
  ASSERT_TRUE(process.line_with("c is up")) << process.output();
  EXPECT_EQ(run("call", {"Add", R"({"nam":"x"})"}).code, 2);
  EXPECT_EQ(run("call", {"Sub", "{}"}).output,
            "{\"error\":\"service counter has no request Sub\"}\n");
  EXPECT_EQ(run("call", {"--node", "z", "Add", "{}"}).code, 2);
}

TEST_F(Cluster, StopsWhenAPortIsTaken) {
  program process{counter, words("run", {"--node", "b"})};
  ASSERT_TRUE(process.line_with("b is up")) << process.output();
  auto second = run("run", {"--node", "b"});
  EXPECT_EQ(second.code, 1);
  EXPECT_THAT(second.output, HasSubstr("node b: "));
  EXPECT_THAT(second.output, HasSubstr("in use"));
  auto all = run("cluster");
  EXPECT_EQ(all.code, 1) << all.output;
  EXPECT_THAT(all.output, HasSubstr("b cannot start"));
}

TEST_F(Cluster, RefusesTheDataDirectoryOfAnotherCluster) {
  {
    program process{counter, words("run", {"--node", "a"})};
    ASSERT_TRUE(process.line_with("a is up")) << process.output();
    process.signal(SIGTERM);
    EXPECT_EQ(process.wait(), 0) << process.output();
  }
  write("other");
  auto refused = run("run", {"--node", "a"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.output, HasSubstr("belongs to node a of cluster demo"));
}

TEST_F(Cluster, RefusesADirectoryThatItCannotMake) {
  std::ofstream{directory.path() + "/a"} << "a file";
  auto refused = run("run", {"--node", "a"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_EQ(std::count(refused.output.begin(), refused.output.end(), '\n'), 1) << refused.output;
}

TEST_F(Cluster, EndsWithTwoForWrongUsage) {
  EXPECT_EQ(test::run(counter, {}).code, 2);
  EXPECT_EQ(test::run(counter, {"fly"}).code, 2);
  EXPECT_EQ(test::run(counter, {"--help"}).code, 0);
  EXPECT_EQ(run("run", {"--node", "z"}).output, file + ": there is no node z; it has a, b, c\n");
  auto missing = test::run(counter, {"run", "--config", "no-such.toml"});
  EXPECT_EQ(missing.code, 2);
  EXPECT_EQ(missing.output, "no-such.toml: cannot be read: No such file or directory\n");
}

}  // namespace
