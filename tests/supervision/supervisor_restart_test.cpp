#include "tests/supervision/supervised_children.hpp"

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>
#include <caf/system_messages.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace us::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class SupervisorRestart : public testing::Test {
 protected:
  void start(supervisor_spec spec) {
    running = spawn_supervisor(world.system(), world.node(), std::move(spec));
    world.run();
  }
  void start(const std::string& names, strategy kind = strategy::one_for_one) {
    start(make_spec(world.node(), on, names, kind));
  }
  void TearDown() override {
    kill_now(running.root);
    running = {};
    world.run();
  }
  caf::actor child(const std::string& name) { return running.children->find(name); }
  std::string story() { return std::exchange(on->story, {}); }

  manual_node world;
  stage_ptr on = std::make_shared<stage>();
  supervised running;
};

TEST_F(SupervisorRestart, StartsChildrenInOrder) {
  start("abc");
  EXPECT_EQ(story(), "+a+b+c");
  EXPECT_TRUE(child("a"));
  EXPECT_TRUE(child("c"));
  EXPECT_FALSE(child("d"));
}

TEST_F(SupervisorRestart, ReplacesACrashedChildAfterItsBackoff) {
  start("ab");
  const auto former = child("a");
  crash(former);
  world.run();
  EXPECT_EQ(story(), "+a+b-a");
  EXPECT_FALSE(child("a"));
  world.advance(milliseconds{49});
  EXPECT_EQ(story(), "");
  world.advance(milliseconds{1});
  EXPECT_EQ(story(), "+a");
  EXPECT_TRUE(child("a"));
  EXPECT_NE(child("a"), former);
  EXPECT_EQ(running.children->starts("a"), 2u);
  EXPECT_EQ(running.children->starts("b"), 1u);
}

TEST_F(SupervisorRestart, LogsOneLinePerRestartWithItsReason) {
  start("a");
  crash(child("a"), "out of cheese");
  world.advance(seconds{1});
  const auto lines = world.log().of("child_restarts");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_THAT(lines[0].fields.at("reason"), testing::HasSubstr("out of cheese"));
  EXPECT_EQ(lines[0].fields.at("child"), "a");
  EXPECT_EQ(lines[0].fields.at("supervisor"), "parent");
  EXPECT_EQ(lines[0].fields.at("delay_ms"), "50");
  EXPECT_THAT(world.node()->metrics->text(),
              testing::HasSubstr(R"(understudy_restarts_total{child="a",supervisor="parent"} 1)"));
}

TEST_F(SupervisorRestart, BacksOffFurtherWithEachFailureInARow) {
  start("a");
  crash(child("a"));
  world.advance(milliseconds{50});
  crash(child("a"));
  world.advance(milliseconds{99});
  EXPECT_FALSE(child("a"));
  world.advance(milliseconds{1});
  EXPECT_TRUE(child("a"));
}

TEST_F(SupervisorRestart, LeavesTransientChildrenThatEndedInOrder) {
  auto spec = make_spec(world.node(), on, "");
  spec.children = {make_child(world.node(), on, "a", restart::transient),
                   make_child(world.node(), on, "b", restart::transient)};
  start(std::move(spec));
  finish(child("a"));
  crash(child("b"));
  world.advance(seconds{1});
  EXPECT_EQ(story(), "+a+b-a-b+b");
  EXPECT_EQ(world.log().of("child_ended").size(), 1u);
}

TEST_F(SupervisorRestart, TakesShutdownOfATransientChildAsInOrder) {
  auto spec = make_spec(world.node(), on, "");
  spec.children = {make_child(world.node(), on, "a", restart::transient)};
  start(std::move(spec));
  caf::anon_send_exit(child("a"), caf::exit_reason::user_shutdown);
  world.advance(seconds{1});
  EXPECT_EQ(story(), "+a~a-a");
}

TEST_F(SupervisorRestart, NeverReplacesTemporaryChildren) {
  auto spec = make_spec(world.node(), on, "");
  spec.children = {make_child(world.node(), on, "a", restart::temporary)};
  start(std::move(spec));
  crash(child("a"));
  world.advance(seconds{1});
  EXPECT_EQ(story(), "+a-a");
}

TEST_F(SupervisorRestart, ReplacesPermanentChildrenThatFinish) {
  start("a");
  finish(child("a"));
  world.advance(seconds{1});
  EXPECT_EQ(story(), "+a-a+a");
}

TEST_F(SupervisorRestart, OneForAllStopsSiblingsLastFirstAndStartsThemInOrder) {
  start("abc", strategy::one_for_all);
  crash(child("b"));
  world.advance(seconds{1});
  EXPECT_EQ(story(), "+a+b+c-b~c-c~a-a+a+b+c");
}

TEST_F(SupervisorRestart, RestForOneSparesTheEarlierSiblings) {
  start("abcd", strategy::rest_for_one);
  crash(child("b"));
  world.advance(seconds{1});
  EXPECT_EQ(story(), "+a+b+c+d-b~d-d~c-c+b+c+d");
}

TEST_F(SupervisorRestart, RestForOneWidensWhenAnEarlierChildFailsMeanwhile) {
  start("abc", strategy::rest_for_one);
  crash(child("b"));
  world.run();
  story();
  crash(child("a"));
  world.advance(milliseconds{49});
  EXPECT_EQ(story(), "-a");
  world.advance(milliseconds{1});
  EXPECT_EQ(story(), "+a+b+c");
  world.advance(seconds{5});
  EXPECT_EQ(story(), "");
}

TEST_F(SupervisorRestart, OneForAllCountsOneFailureWhenAllCrashTogether) {
  start("abc", strategy::one_for_all);
  for (const auto* name : {"a", "b", "c"}) crash(child(name));
  world.advance(seconds{1});
  EXPECT_TRUE(child("a") && child("b") && child("c"));
  EXPECT_EQ(world.log().of("child_restarts").size(), 1u);
}

TEST_F(SupervisorRestart, OneForAllDoesNotBringBackTemporarySiblings) {
  auto spec = make_spec(world.node(), on, "a", strategy::one_for_all);
  spec.children.push_back(make_child(world.node(), on, "t", restart::temporary));
  spec.children.push_back(make_child(world.node(), on, "z", restart::transient));
  start(std::move(spec));
  crash(child("a"));
  world.advance(seconds{1});
  EXPECT_EQ(story(), "+a+t+z-a~z-z~t-t+a+z");
}

TEST_F(SupervisorRestart, CountsAFactoryThatThrowsAsARestart) {
  on->broken_starts["a"] = 2;
  start("ab");
  EXPECT_EQ(story(), "!a+b");
  world.advance(seconds{1});
  EXPECT_EQ(story(), "!a+a");
  EXPECT_EQ(world.log().of("child_restarts").size(), 2u);
  EXPECT_THAT(world.log().of("child_restarts")[0].fields.at("reason"),
              testing::HasSubstr("cannot start"));
}

TEST_F(SupervisorRestart, CountsAFactoryThatMakesNoActorAsARestart) {
  auto spec = make_spec(world.node(), on, "a");
  spec.children[0].start = [](caf::actor_system&) { return caf::actor{}; };
  start(std::move(spec));
  EXPECT_EQ(world.log().of("child_restarts").size(), 1u);
}

TEST_F(SupervisorRestart, RestForOneHoldsLaterChildrenUntilTheEarlierStarted) {
  on->broken_starts["b"] = 1;
  start("abc", strategy::rest_for_one);
  EXPECT_EQ(story(), "+a!b");
  world.advance(seconds{1});
  EXPECT_EQ(story(), "+b+c");
}

TEST_F(SupervisorRestart, OneForAllStartsOverWhenAFactoryThrows) {
  on->broken_starts["b"] = 1;
  start("abc", strategy::one_for_all);
  EXPECT_EQ(story(), "+a!b~a-a");
  world.advance(seconds{1});
  EXPECT_EQ(story(), "+a+b+c");
}

TEST_F(SupervisorRestart, IgnoresDownMessagesOfFormerChildrenAndStrangers) {
  start("ab");
  const auto former = child("a");
  crash(former);
  world.advance(seconds{1});
  story();
  for (int i = 0; i < 3; ++i) {
    caf::anon_send(running.root, caf::down_msg{former.address(), caf::exit_reason::kill});
    caf::anon_send(running.root, caf::down_msg{running.root.address(), caf::exit_reason::kill});
    caf::anon_send(running.root, caf::down_msg{});
  }
  world.advance(seconds{5});
  EXPECT_EQ(story(), "");
  EXPECT_EQ(world.log().of("child_restarts").size(), 1u);
}

TEST_F(SupervisorRestart, CountsADownMessageThatArrivesTwiceOnce) {
  start("a");
  const auto former = child("a");
  crash(former);
  world.run();
  caf::anon_send(running.root, caf::down_msg{former.address(), caf::exit_reason::kill});
  world.advance(seconds{5});
  EXPECT_EQ(world.log().of("child_restarts").size(), 1u);
  EXPECT_EQ(story(), "+a-a+a");
}

TEST_F(SupervisorRestart, ReplacesAKilledChild) {
  start("a");
  on->manners["a"] = manner::stubborn;
  kill_now(child("a"));
  world.advance(seconds{1});
  EXPECT_EQ(story(), "+a-a+a");
}

}  // namespace
}  // namespace us::test
