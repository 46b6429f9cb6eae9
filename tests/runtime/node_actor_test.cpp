#include "runtime/node/node_actor.hpp"
#include "tests/support/manual_node.hpp"

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>

#include "messages/link.capnp.h"
#include "messages/request.capnp.h"

namespace us::test {
namespace {

constexpr actor_key key{7};

/// Notes what it hears; throws at Goodbye; answers Heartbeat after 10 ms.
class listener final : public node_actor {
 public:
  listener(caf::actor_config& config, node_ptr node, std::string& story)
      : node_actor(config, std::move(node)), story_(story) {}

  caf::behavior make_behavior() override {
    listen_as(us::test::key);
    return serve(dispatch_table{{
        on<message::Hello>([this](message::Hello::Reader hello, const us::sender&) {
          story_ += std::string{hello.getCluster().cStr()} + hello.getNode().cStr();
          at_end_of_turn([this] { story_ += "."; });
        }),
        on<message::Heartbeat>([this](auto, const us::sender& from) {
          after(std::chrono::milliseconds{10}, [this, to = from.where()] {
            send_frame<message::Heartbeat>(to, epoch{3}, [](auto reply) { reply.setSequence(1); });
          });
        }),
        on<message::Goodbye>([](auto, const us::sender&) { throw std::runtime_error{"bye"}; }),
    }});
  }

 private:
  std::string& story_;
};

class NodeActor : public testing::Test {
 protected:
  NodeActor() {
    tested = world.system().spawn<listener>(world.node(), story);
    tested->attach_functor([this](const caf::error& reason) { ended = reason; });
    world.run();
  }
  ~NodeActor() override {
    caf::anon_send_exit(tested, caf::exit_reason::kill);
    world.run();
  }
  template <class Body, class Fill>
  bool deliver(Fill fill, node_id from = node_id_of("b")) {
    return world.node()->directory->deliver(
        make_frame<Body>({0, {from, actor_key{5}}, key, epoch{2}}, fill));
  }
  double dropped(const std::string& reason) {
    return world.node()
        ->metrics->make_counter("understudy_frames_dropped_total", "", {{"reason", reason}})
        .value();
  }

  manual_node world;
  std::string story;
  caf::actor tested;
  std::optional<caf::error> ended;
};

TEST_F(NodeActor, HandlesFramesByTypeAndEndsItsTurnAfterTheBatch) {
  for (const auto* name : {"a", "b"})
    EXPECT_TRUE(deliver<message::Hello>([&](auto hello) { hello.setNode(name); }));
  world.run();
  EXPECT_EQ(story, "ab..");
}

TEST_F(NodeActor, SendsUnderItsOwnKeyWhenItsTimerComes) {
  deliver<message::Heartbeat>([](auto) {});
  world.advance(std::chrono::milliseconds{9});
  EXPECT_TRUE(world.network().sent.empty());
  world.advance(std::chrono::milliseconds{1});
  ASSERT_EQ(world.network().sent.size(), 1u);
  const auto& [to, sent] = world.network().sent[0];
  EXPECT_EQ(to, node_id_of("b"));
  EXPECT_EQ(sent.head().from, (address{node_id_of("a"), key}));
  EXPECT_EQ(sent.head().to, actor_key{5});
  EXPECT_EQ(sent.head().epoch, epoch{3});
}

TEST_F(NodeActor, CountsAndLogsWhatItDoesNotKnowAndGoesOn) {
  deliver<message::OpenSession>([](auto) {});
  world.run();
  EXPECT_EQ(dropped("unknown_type"), 1);
  const auto lines = world.log().of("frame_dropped");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].fields.at("from"), "b");
  EXPECT_FALSE(ended);
}

TEST_F(NodeActor, CountsAndLogsAMalformedBodyAndGoesOn) {
  frame_builder builder{{capnp::typeId<message::Hello>(), {node_id_of("c"), {}}, key, {}}};
  builder.body<message::SubmitBatch>().initRequests(1);  // a list where Hello has text
  world.node()->directory->deliver(builder.finish());
  world.run();
  EXPECT_EQ(dropped("malformed"), 1);
  EXPECT_FALSE(ended);
}

TEST_F(NodeActor, EndsWithTheTextOfAnExceptionAndLeavesTheDirectory) {
  deliver<message::Goodbye>([](auto) {});
  world.run();
  ASSERT_TRUE(ended);
  EXPECT_THAT(world.system().render(*ended), testing::HasSubstr("bye"));
  EXPECT_EQ(world.log().of("actor_failed").size(), 1u);
  EXPECT_FALSE(world.node()->directory->find(key));
  EXPECT_FALSE(deliver<message::Hello>([](auto) {}));
}

TEST_F(NodeActor, LeavesItsSuccessorInTheDirectory) {
  auto successor = world.system().spawn<listener>(world.node(), story);
  world.run();
  caf::anon_send_exit(tested, caf::exit_reason::kill);
  world.run();
  EXPECT_EQ(world.node()->directory->find(key), successor);
  caf::anon_send_exit(successor, caf::exit_reason::kill);
  world.run();
  EXPECT_FALSE(world.node()->directory->find(key));
}

// As a seat's frames go to its role while there is one.
TEST_F(NodeActor, GetsNoFramesWhileTheyAreDivertedToAnother) {
  auto& directory = *world.node()->directory;
  std::string others;
  auto other = world.system().spawn<listener>(world.node(), others);
  world.run();
  directory.add(key, tested);
  const auto say = [&](const char* what) {
    EXPECT_TRUE(deliver<message::Hello>([&](auto hello) { hello.setNode(what); }));
    world.run();
  };
  directory.divert(key, other);
  EXPECT_EQ(directory.find(key), tested) << "it is listed still";
  directory.restore(key, tested);  // not the one they are diverted to
  say("a");
  directory.restore(key, other);
  say("b");
  EXPECT_EQ(others.front(), 'a');
  EXPECT_EQ(story.front(), 'b');
  EXPECT_EQ(others.find('b'), std::string::npos);
  directory.divert(actor_key{77}, other);
  EXPECT_FALSE(directory.find(actor_key{77})) << "nobody is listed there";
  caf::anon_send_exit(other, caf::exit_reason::kill);
  world.run();
}

TEST_F(NodeActor, DropsTimersThatComeAfterItsEnd) {
  deliver<message::Heartbeat>([](auto) {});
  world.run();
  caf::anon_send_exit(tested, caf::exit_reason::kill);
  world.advance(std::chrono::seconds{1});
  EXPECT_TRUE(world.network().sent.empty());
}

TEST(NodeContext, NamesItsMembersAndOthersByNumber) {
  manual_node world;
  EXPECT_EQ(world.node()->name_of(node_id_of("b")), "b");
  EXPECT_EQ(world.node()->name_of(node_id{0xab}), "00000000000000ab");
  EXPECT_TRUE(world.node()->is_member(node_id_of("c")));
  EXPECT_FALSE(world.node()->is_member(node_id{0xab}));
}

TEST(NodeContext, SendsToItselfWithoutTheNetwork) {
  manual_node world;
  const auto f = make_frame<message::Heartbeat>({0, {}, key, {}}, [](auto) {});
  EXPECT_EQ(world.node()->send(world.node()->id, f), errc::unreachable);
  EXPECT_TRUE(world.network().sent.empty());
  EXPECT_EQ(world.node()->send(node_id_of("b"), f), errc::none);
  EXPECT_EQ(world.network().sent.size(), 1u);
}

}  // namespace
}  // namespace us::test
