// A singleton as part of an app in a user's simulated cluster, as docs/singleton.md has it.
#include "actors/simulation/gtest.hpp"
#include "actors/simulation/simulated_cluster.hpp"
#include "tests/singleton/desk_service.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace us::test {
namespace {

using namespace std::chrono_literals;

app desk_app() {
  app made{.name = "desk", .services = {}, .edges = {}};
  made.singletons.push_back(tickets());
  return made;
}

TEST(SingletonOfAnApp, LivesAndAnswersInASimulatedClusterAndMovesWithItsNodesEnd) {
  simulated_cluster cluster{{.nodes = 3, .seed = test_seed()}, desk_app()};
  const auto lives = [&] { return !cluster.lives_at("tickets").empty(); };
  ASSERT_TRUE(cluster.advance_until(lives, 5s));
  const auto first = cluster.lives_at("tickets");
  auto take = cluster.client_of("tickets", "a").call<Take, Ticket>([](Take::Builder asked) {
    asked.setRequest(1);
  });
  cluster.advance(100ms);
  ASSERT_TRUE(take.done()) << take.text();
  EXPECT_EQ(take.reply().getNode(), first.c_str());
  cluster.node(first).kill();
  ASSERT_TRUE(cluster.advance_until(lives, 5s));
  EXPECT_NE(cluster.lives_at("tickets"), first);
}

TEST(SingletonOfAnApp, SharesItsNameWithNoOther) {
  auto two = desk_app();
  two.singletons.push_back(tickets());
  EXPECT_THROW((void)make_program(two, {}), std::invalid_argument);
}

}  // namespace
}  // namespace us::test
