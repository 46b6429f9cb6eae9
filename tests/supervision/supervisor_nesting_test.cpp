#include "tests/supervision/supervised_children.hpp"

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace us::test {
namespace {

using std::chrono::seconds;

// outer{x, inner{a, b}, y}
class NestedSupervisors : public testing::Test {
 protected:
  NestedSupervisors() {
    auto spec = make_spec(world.node(), on, "x");
    spec.name = "outer";
    child_spec nested;
    nested.name = "inner";
    nested.start = [this](caf::actor_system& system) {
      inner = spawn_supervisor(system, world.node(), make_spec(world.node(), on, "ab"));
      return inner.root;
    };
    spec.children.push_back(std::move(nested));
    spec.children.push_back(make_child(world.node(), on, "y"));
    outer = spawn_supervisor(world.system(), world.node(), std::move(spec));
    world.run();
  }
  ~NestedSupervisors() override {
    kill_now(outer.root);
    outer = inner = {};
    world.run();
  }
  std::string story() { return std::exchange(on->story, {}); }

  manual_node world;
  stage_ptr on = std::make_shared<stage>();
  supervised outer;
  supervised inner;
};

TEST_F(NestedSupervisors, StopInReverseOrderAcrossLevels) {
  story();
  caf::anon_send_exit(outer.root, caf::exit_reason::user_shutdown);
  world.run();
  EXPECT_EQ(story(), "~y-y~b-b~a-a~x-x");
}

TEST_F(NestedSupervisors, HandleAFailureAtTheLowestLevel) {
  story();
  crash(inner.children->find("a"));
  world.advance(seconds{1});
  EXPECT_EQ(story(), "-a+a");
  EXPECT_EQ(outer.children->starts("inner"), 1u);
}

TEST_F(NestedSupervisors, EscalateToTheParentWhichStartsAnew) {
  for (int i = 0; i < 4; ++i) {
    crash(inner.children->find("a"));
    if (i == 3) story();
    world.advance(seconds{1});
  }
  EXPECT_EQ(story(), "-a~b-b+a+b");
  EXPECT_EQ(outer.children->starts("inner"), 2u);
  EXPECT_EQ(outer.children->starts("x"), 1u);
}

TEST_F(NestedSupervisors, AllEndWhenTheOutermostIsKilled) {
  story();
  kill_now(outer.root);
  world.run();
  auto ends = story();
  std::sort(ends.begin(), ends.end());
  EXPECT_EQ(ends, "----abxy");
}

}  // namespace
}  // namespace us::test
