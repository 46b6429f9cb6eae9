// A singleton over three real processes: one of them is killed, another is asked to hand over.
#include "actors/app/http.hpp"
#include "tests/app/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <map>
#include <regex>

namespace us::test {
namespace {

using namespace std::chrono_literals;
using testing::ContainsRegex;

const std::string desk = DESK_PROGRAM;

struct ticket {
  std::string node;
  std::uint64_t epoch = 0;
  std::uint64_t number = 0;
};

class SingletonOverProcesses : public testing::Test {
 protected:
  ::test::temporary_directory directory;
  std::string file = directory.path() + "/desk.toml";
  std::vector<std::uint16_t> ports = ::test::free_ports(6);
  std::map<std::string, pid_t> processes;

  SingletonOverProcesses() {
    std::ofstream out{file};
    // Machines under load pause processes for a while; that is not what is tested.
    out << "[cluster]\nname = \"desk\"\n[singleton.tickets]\nheartbeat_ms = 300\n";
    for (unsigned i = 0; i < 3; ++i) {
      const std::string name(1, static_cast<char>('a' + i));
      out << "[[node]]\nname = \"" << name << "\"\naddress = \"127.0.0.1:" << ports[i]
          << "\"\nadmin = \"127.0.0.1:" << ports[3 + i] << "\"\ndata = \"" << directory.path()
          << "/" << name << "\"\n";
    }
  }

  void wait_until_up(::test::program& cluster) {
    std::smatch found;
    attempts = 0;
    while (processes.size() < 3) {
      const auto line = cluster.line_with(" is up");
      ASSERT_TRUE(line) << cluster.output();
      if (std::regex_search(*line, found, std::regex{"([abc]) is up.*process ([0-9]+)"}))
        processes[found[1]] = std::stoi(found[2]);
    }
  }

  /// Asks until a ticket is given. Outcomes while it moves are of other tests.
  std::optional<ticket> take(const std::string& node) {
    static const std::regex answer{
        R"re("number":"?([0-9]+)"?,"node":"([abc])","epoch":"?([0-9]+)"?)re"};
    std::smatch found;
    const auto until = std::chrono::steady_clock::now() + 60s;
    while (std::chrono::steady_clock::now() < until) {
      ++attempts;
      const auto ended = ::test::run(
          desk, {"call", "--config", file, "--node", node, "tickets", "Take", R"({"request":7})"});
      if (ended.code != 0) continue;
      if (!std::regex_search(ended.output, found, answer)) {
        ADD_FAILURE() << ended.output;
        return std::nullopt;
      }
      return ticket{found[2], std::stoull(found[3]), std::stoull(found[1])};
    }
    return std::nullopt;
  }

  std::uint64_t attempts = 0;  ///< of the last take()

  std::string another_than(const std::string& node) { return node == "a" ? "b" : "a"; }
  endpoint admin_of(const std::string& node) {
    return {"127.0.0.1", ports[3 + static_cast<std::size_t>(node[0] - 'a')]};
  }
};

TEST_F(SingletonOverProcesses, LivesOnWhenItsProcessIsKilledAndMovesWhenAsked) {
  ::test::program cluster{desk, {"cluster", "--config", file}};
  ASSERT_NO_FATAL_FAILURE(wait_until_up(cluster));
  const auto first = take("a");
  ASSERT_TRUE(first) << cluster.output();
  EXPECT_EQ(take("b")->number, first->number + 1) << "the same desk for every node";
  const auto status = ::test::run(desk, {"status", "--config", file});
  EXPECT_EQ(status.code, 0);
  EXPECT_THAT(status.output, ContainsRegex(first->node + " +up +tickets +active +" +
                                           std::to_string(first->epoch) + " +" + first->node));

  kill(processes.at(first->node), SIGKILL);
  const auto second = take(another_than(first->node));
  ASSERT_TRUE(second) << cluster.output();
  EXPECT_GT(second->epoch, first->epoch);
  EXPECT_LE(second->number, attempts) << "a new desk, which may have given some without an answer";

  const http_request move{"POST", "/api/v1/singletons/tickets/handover", ""};
  auto asked = http_call(admin_of(second->node), move, 5s);
  ASSERT_TRUE(asked) << asked.error().text;
  EXPECT_EQ(asked->status, 202) << asked->body;
  std::optional<ticket> third;
  const auto until = std::chrono::steady_clock::now() + 60s;
  while (!third || (third->epoch == second->epoch && std::chrono::steady_clock::now() < until)) {
    third = take(second->node);
    ASSERT_TRUE(third) << cluster.output();
  }
  ASSERT_TRUE(third) << cluster.output();
  EXPECT_NE(third->node, second->node);
  EXPECT_GT(third->epoch, second->epoch);
  EXPECT_EQ(http_call(admin_of(second->node), move, 5s)->status, 409) << "it does not live there";
  cluster.signal(SIGTERM);
  EXPECT_EQ(cluster.wait(), 0) << cluster.output();
}

}  // namespace
}  // namespace us::test
