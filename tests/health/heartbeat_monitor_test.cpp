#include "runtime/health/heartbeat_monitor.hpp"
#include "tests/health/manual_node.hpp"

#include <caf/event_based_actor.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "messages/link.capnp.h"

namespace us {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class watcher_actor final : public caf::event_based_actor {
 public:
  watcher_actor(caf::actor_config& config, std::vector<member_changed>& to)
      : event_based_actor(config), to_(to) {}
  caf::behavior make_behavior() override {
    return {[this](const member_changed& change) { to_.push_back(change); }};
  }

 private:
  std::vector<member_changed>& to_;
};

// Members a (this node), b and c; timing of the local profile.
struct HeartbeatMonitor : testing::Test {
  test::manual_node a{{"a", "b", "c"}};
  std::shared_ptr<member_table> table = std::make_shared<member_table>();
  caf::actor monitor = spawn_heartbeat_monitor(*a.system, a.node, table);
  std::vector<member_changed> changes;

  void SetUp() override { a.run(); }
  void TearDown() override {
    caf::anon_send_exit(monitor, caf::exit_reason::kill);
    a.run();
  }

  template <class Body>
  void arrives(const std::string& from, std::uint64_t incarnation) {
    a.node->directory->deliver(make_frame<Body>(
        {0, {node_id_of(from), monitor_key()}, monitor_key(), {}},
        [&](typename Body::Builder body) { body.setIncarnation(incarnation); }));
    a.run();
  }
  void beat(const std::string& from, std::uint64_t incarnation = 1) {
    arrives<message::Heartbeat>(from, incarnation);
  }
  // Both others beat every 20 ms.
  void beats_for(duration d) {
    for (duration passed{}; passed < d; passed += milliseconds{20}) {
      beat("b");
      beat("c");
      a.pass(milliseconds{20});
    }
  }
  void only_c_beats_for(duration d) {
    for (duration passed{}; passed < d; passed += milliseconds{20}) {
      beat("c");
      a.pass(milliseconds{20});
    }
  }
  member_info state_of(const std::string& name) {
    for (const auto& m : table->snapshot())
      if (m.name == name) return m;
    return {};
  }
  caf::actor watch() {
    auto watcher = a.system->spawn<watcher_actor>(std::ref(changes));
    caf::anon_send(monitor, watch_members{watcher});
    a.run();
    return watcher;
  }
  void end(const caf::actor& who) {
    caf::anon_send_exit(who, caf::exit_reason::kill);
    a.run();
  }
};

TEST_F(HeartbeatMonitor, BeatsToEveryOtherMemberAtTheInterval) {
  a.net->sent.clear();
  a.pass(milliseconds{100});
  EXPECT_EQ(a.net->sent.size(), 2u * 5u);
  for (const auto& [to, f] : a.net->sent) {
    EXPECT_NE(to, a.node->id);
    EXPECT_EQ(f.head().to, monitor_key());
  }
}

TEST_F(HeartbeatMonitor, KnowsNothingOfAMemberThatItNeverHeard) {
  a.pass(seconds{10});
  EXPECT_EQ(state_of("b").state, member_state::unknown);
  EXPECT_FALSE(state_of("b").last_heard);
  EXPECT_THAT(a.log->events, IsEmpty());
}

TEST_F(HeartbeatMonitor, CallsAMemberAliveWhenItIsHeard) {
  beat("b");
  EXPECT_EQ(state_of("b").state, member_state::alive);
  EXPECT_EQ(state_of("b").last_heard, a.time->now());
  EXPECT_EQ(state_of("c").state, member_state::unknown);
}

TEST_F(HeartbeatMonitor, SuspectsAMemberThatFellSilentWithinTheMaximum) {
  beats_for(seconds{2});
  only_c_beats_for(milliseconds{400});
  EXPECT_EQ(state_of("b").state, member_state::suspected);
  EXPECT_THAT(state_of("b").why, HasSubstr("was not heard for "));
  EXPECT_EQ(state_of("c").state, member_state::alive);
}

TEST_F(HeartbeatMonitor, DoesNotSuspectForASilenceOfAFewBeats) {
  beats_for(seconds{2});
  only_c_beats_for(milliseconds{140});
  EXPECT_EQ(state_of("b").state, member_state::alive);
}

// Its intervals vary so much that phi alone would wait for longer.
TEST_F(HeartbeatMonitor, SuspectsAtTheMaximumWhateverPhiSays) {
  for (int i = 0; i < 50; ++i) {
    beat("b");
    a.pass(milliseconds{i % 2 == 0 ? 20 : 160});
  }
  beat("b");
  a.pass(milliseconds{380});
  EXPECT_EQ(state_of("b").state, member_state::alive);
  a.pass(milliseconds{40});
  EXPECT_EQ(state_of("b").state, member_state::suspected);
}

TEST_F(HeartbeatMonitor, HearsAMemberAgain) {
  beats_for(seconds{1});
  only_c_beats_for(seconds{1});
  auto before = state_of("b").version;
  beat("b");
  EXPECT_EQ(state_of("b").state, member_state::alive);
  EXPECT_GT(state_of("b").version, before);
  EXPECT_EQ(state_of("b").why, "is heard again");
}

// SIGSTOP of this node, or a starved machine: the silence was its own.
TEST_F(HeartbeatMonitor, SuspectsNobodyAfterItWasItselfNotScheduled) {
  beats_for(seconds{1});
  a.stop_for(seconds{30});
  a.pass(milliseconds{20});
  EXPECT_EQ(state_of("b").state, member_state::alive);
  beats_for(seconds{1});
  EXPECT_EQ(state_of("b").state, member_state::alive);
  EXPECT_EQ(state_of("c").state, member_state::alive);
}

TEST_F(HeartbeatMonitor, SuspectsAgainOnceItHasListenedForTheMaximum) {
  beats_for(seconds{1});
  a.stop_for(seconds{30});
  a.pass(milliseconds{0});
  only_c_beats_for(milliseconds{380});
  EXPECT_EQ(state_of("b").state, member_state::alive);
  only_c_beats_for(milliseconds{60});
  EXPECT_EQ(state_of("b").state, member_state::suspected);
  EXPECT_EQ(state_of("c").state, member_state::alive);
}

TEST_F(HeartbeatMonitor, SuspectsAtOnceWhoSaysGoodbye) {
  beats_for(seconds{1});
  arrives<message::Goodbye>("b", 1);
  EXPECT_EQ(state_of("b").state, member_state::suspected);
  EXPECT_EQ(state_of("b").why, "said goodbye");
  beat("b");  // overtaken by the goodbye
  EXPECT_EQ(state_of("b").state, member_state::suspected);
  beat("b", 2);
  EXPECT_EQ(state_of("b").state, member_state::alive);
}

TEST_F(HeartbeatMonitor, IgnoresTheGoodbyeOfAnEarlierIncarnation) {
  beat("b", 2);
  arrives<message::Goodbye>("b", 1);
  EXPECT_EQ(state_of("b").state, member_state::alive);
}

TEST_F(HeartbeatMonitor, HearsAMemberThatSaidGoodbyeAndStayed) {
  beats_for(seconds{1});
  arrives<message::Goodbye>("b", 1);
  a.pass(seconds{1});
  beat("b");
  EXPECT_EQ(state_of("b").state, member_state::alive);
}

TEST_F(HeartbeatMonitor, TellsOfARestart) {
  beat("b", 1);
  beat("b", 2);
  EXPECT_EQ(state_of("b").why, "was restarted");
  auto version = state_of("b").version;
  beat("b", 1);  // late
  EXPECT_EQ(state_of("b").version, version);
}

TEST_F(HeartbeatMonitor, SuspectsAtOnceWhenNothingListensAtAMembersAddress) {
  beats_for(seconds{1});
  caf::anon_send(monitor, link_down{node_id_of("b"), false});
  a.run();
  EXPECT_EQ(state_of("b").state, member_state::alive);
  caf::anon_send(monitor, link_down{node_id_of("b"), true});
  a.run();
  EXPECT_EQ(state_of("b").state, member_state::suspected);
  EXPECT_THAT(state_of("b").why, HasSubstr("is gone"));
  beat("b");
  EXPECT_EQ(state_of("b").state, member_state::alive);
}

TEST_F(HeartbeatMonitor, SaysNothingOfAMemberThatWasNeverThere) {
  caf::anon_send(monitor, link_down{node_id_of("b"), true});
  a.run();
  EXPECT_EQ(state_of("b").state, member_state::unknown);
}

TEST_F(HeartbeatMonitor, IgnoresStrangersAndBeatsWithoutIncarnation) {
  beat("stranger");
  beat("b", 0);
  EXPECT_EQ(state_of("b").state, member_state::unknown);
  EXPECT_EQ(table->snapshot().size(), 2u);
}

TEST_F(HeartbeatMonitor, TellsAWatcherTheStatesAtOnceAndThenEveryChange) {
  beat("b");
  auto watcher = watch();
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[0].state, member_state::alive);
  EXPECT_EQ(changes[1].state, member_state::unknown);
  beat("c");
  ASSERT_EQ(changes.size(), 3u);
  EXPECT_EQ(changes[2].node, node_id_of("c"));
  EXPECT_GT(changes[2].version, changes[0].version);
  end(watcher);
  arrives<message::Goodbye>("b", 1);
  EXPECT_EQ(changes.size(), 3u);
}

TEST_F(HeartbeatMonitor, SaysGoodbyeWhenItsNodeStops) {
  a.net->sent.clear();
  caf::anon_send_exit(monitor, caf::exit_reason::user_shutdown);
  a.run();
  ASSERT_EQ(a.net->sent.size(), 2u);
  EXPECT_EQ(a.net->sent[0].second.type(), capnp::typeId<message::Goodbye>());
}

TEST_F(HeartbeatMonitor, WritesPlainSentences) {
  beats_for(seconds{1});
  arrives<message::Goodbye>("b", 1);
  EXPECT_THAT(a.log->events, ElementsAre("b is heard (seen from a)", "c is heard (seen from a)",
                                         "b said goodbye (seen from a)"));
}

}  // namespace
}  // namespace us
