#include "runtime/node/directory.hpp"
#include "tests/support/manual_node.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>
#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "messages/link.capnp.h"

namespace us::test {
namespace {

constexpr actor_key key{7};

class counting_listener final : public caf::event_based_actor {
 public:
  counting_listener(caf::actor_config& config, int& heard)
      : caf::event_based_actor(config), heard_(heard) {}
  caf::behavior make_behavior() override {
    return {[this](const frame&) { ++heard_; }};
  }

 private:
  int& heard_;
};

class Directory : public testing::Test {
 protected:
  caf::actor listener(int& heard) {
    return world.system().spawn<counting_listener>(std::ref(heard));
  }
  frame beat(actor_key to) {
    return make_frame<message::Heartbeat>({0, {}, to, {}}, [](auto) {});
  }
  void TearDown() override {
    for (const auto& each : made) caf::anon_send_exit(each, caf::exit_reason::kill);
    world.run();
  }

  manual_node world;
  directory tested;
  std::vector<caf::actor> made;
};

TEST_F(Directory, DeliversToTheListedActorOnly) {
  int first = 0;
  int second = 0;
  made = {listener(first), listener(second)};
  tested.add(key, made[0]);
  tested.add(actor_key{8}, made[1]);
  EXPECT_TRUE(tested.deliver(beat(key)));
  EXPECT_FALSE(tested.deliver(beat(actor_key{9})));
  world.run();
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 0);
}

TEST_F(Directory, RemovesAnActorOnlyWhileItIsListed) {
  int heard = 0;
  made = {listener(heard), listener(heard)};
  tested.add(key, made[0]);
  tested.add(key, made[1]);
  tested.remove(key, made[0]);
  EXPECT_EQ(tested.find(key), made[1]);
  tested.remove(key, made[1]);
  EXPECT_FALSE(tested.find(key));
}

}  // namespace
}  // namespace us::test
