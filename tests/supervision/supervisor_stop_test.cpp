#include "tests/supervision/supervised_children.hpp"

#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/system_messages.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

namespace us::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class SupervisorStop : public testing::Test {
 protected:
  void start(supervisor_spec spec) {
    running = spawn_supervisor(world.system(), world.node(), std::move(spec));
    running.root->attach_functor([this](const caf::error& reason) { ended = reason; });
    world.run();
  }
  void start(const std::string& names, strategy kind = strategy::one_for_one) {
    start(make_spec(world.node(), on, names, kind));
    story();
  }
  void TearDown() override {
    kill_now(running.root);
    running = {};
    world.run();
  }
  void stop() {
    caf::anon_send_exit(running.root, caf::exit_reason::user_shutdown);
    world.run();
  }
  caf::actor child(const std::string& name) { return running.children->find(name); }
  std::string story() { return std::exchange(on->story, {}); }

  manual_node world;
  stage_ptr on = std::make_shared<stage>();
  supervised running;
  std::optional<caf::error> ended;
};

TEST_F(SupervisorStop, StopsChildrenOneAfterAnotherLastFirst) {
  start("abc");
  stop();
  EXPECT_EQ(story(), "~c-c~b-b~a-a");
  ASSERT_TRUE(ended);
  EXPECT_EQ(*ended, caf::exit_reason::user_shutdown);
  EXPECT_TRUE(world.log().of("child_restarts").empty());
}

TEST_F(SupervisorStop, EndsAtOnceWithoutChildren) {
  start("");
  stop();
  ASSERT_TRUE(ended);
}

TEST_F(SupervisorStop, WaitsForADrainingChildBeforeTheNext) {
  on->manners["b"] = manner::stubborn;
  start("ab");
  stop();
  world.advance(milliseconds{4999});
  EXPECT_EQ(story(), "~b");
  EXPECT_FALSE(ended);
  finish(child("b"));
  world.run();
  EXPECT_EQ(story(), "-b~a-a");
  EXPECT_TRUE(ended);
}

TEST_F(SupervisorStop, KillsAChildThatOutlivesItsDrainTimeout) {
  on->manners["b"] = manner::stubborn;
  start("ab");
  stop();
  world.advance(seconds{5});
  EXPECT_EQ(story(), "~b-b~a-a");
  EXPECT_TRUE(ended);
  EXPECT_EQ(world.log().of("child_killed").size(), 1u);
}

TEST_F(SupervisorStop, CancelsRestartsThatWait) {
  start("ab");
  crash(child("a"));
  world.run();
  stop();
  world.advance(seconds{10});
  EXPECT_EQ(story(), "-a~b-b");
  EXPECT_TRUE(ended);
}

TEST_F(SupervisorStop, TakesOverAGroupThatIsBeingStopped) {
  on->manners["c"] = manner::stubborn;
  start("abc", strategy::rest_for_one);
  crash(child("b"));
  world.run();
  EXPECT_EQ(story(), "-b~c");
  stop();
  finish(child("c"));
  world.advance(seconds{10});
  EXPECT_EQ(story(), "-c~a-a");
  EXPECT_TRUE(ended);
}

TEST_F(SupervisorStop, IgnoresASecondShutdownAndANormalExitOfOthers) {
  on->manners["a"] = manner::stubborn;
  start("a");
  caf::anon_send(running.root, caf::exit_msg{caf::actor_addr{}, caf::error{}});
  world.run();
  EXPECT_EQ(story(), "");
  stop();
  stop();
  EXPECT_EQ(story(), "~a");
  world.advance(seconds{5});
  EXPECT_EQ(*ended, caf::exit_reason::user_shutdown);
}

TEST_F(SupervisorStop, BeforeItsFirstTurnStartsNothing) {
  running = spawn_supervisor(world.system(), world.node(), make_spec(world.node(), on, "a"));
  running.root->attach_functor([this](const caf::error& reason) { ended = reason; });
  stop();
  world.advance(seconds{1});
  EXPECT_TRUE(ended);
  EXPECT_THAT(story(), testing::AnyOf("", "+a~a-a"));
}

TEST_F(SupervisorStop, KillTakesAllChildrenAtOnce) {
  on->manners["a"] = on->manners["b"] = manner::stubborn;
  start("ab");
  kill_now(running.root);
  world.run();
  EXPECT_THAT(story(), testing::AnyOf("-a-b", "-b-a"));
  EXPECT_EQ(*ended, caf::exit_reason::kill);
}

TEST_F(SupervisorStop, EscalatesWhenRestartsExceedTheirIntensity) {
  start("ab");
  for (int i = 0; i < 3; ++i) {
    crash(child("a"), "first");
    world.advance(seconds{1});
  }
  EXPECT_FALSE(ended);
  story();
  crash(child("a"), "the last straw");
  world.run();
  EXPECT_EQ(story(), "-a~b-b");
  ASSERT_TRUE(ended);
  EXPECT_TRUE(*ended);
  EXPECT_THAT(world.system().render(*ended), testing::HasSubstr("the last straw"));
  const auto events = world.log().of(severity::event);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_THAT(events[0].what,
              testing::HasSubstr("supervisor parent of a gives up after 4 failures in 10000 ms"));
}

TEST_F(SupervisorStop, ToleratesRestartsThatAreFarApart) {
  start("a");
  for (int i = 0; i < 20; ++i) {
    crash(child("a"));
    world.advance(seconds{4});
    ASSERT_TRUE(child("a")) << i;
  }
  EXPECT_FALSE(ended);
}

TEST_F(SupervisorStop, EscalatesFromItsFirstStart) {
  on->broken_starts["b"] = 1;
  auto spec = make_spec(world.node(), on, "abc");
  spec.policy.restarts_max = 0;
  start(std::move(spec));
  EXPECT_EQ(story(), "+a!b~a-a");
  ASSERT_TRUE(ended);
  EXPECT_TRUE(*ended);
}

}  // namespace
}  // namespace us::test
