/// Life and death of simulated nodes.

#include "runtime/simulation/gtest.hpp"
#include "tests/simulation/toy.hpp"

namespace us {
namespace {

using namespace std::chrono_literals;

struct SimulatedNode : testing::Test {
  std::shared_ptr<toy::record> seen = std::make_shared<toy::record>();
  simulation sim{{.nodes = {"a", "b", "c"}, .seed = test_seed()}, toy::beating(seen, 10ms, true)};
};

TEST_F(SimulatedNode, IsSilentAfterACrashAndNewAfterARestart) {
  sim.run_for(1s);
  auto old = sim.node("a").context();
  sim.node("a").crash();
  EXPECT_FALSE(sim.node("a").running());
  EXPECT_EQ(sim.node("a").context(), nullptr);
  sim.run_for(10ms);  // what was on its way arrives
  const auto heard = seen->beats_from[{"a", "b"}];
  sim.run_for(1s);
  EXPECT_EQ(seen->beats_from[(std::pair{std::string{"a"}, std::string{"b"}})], heard);
  sim.node("a").start();
  EXPECT_NE(sim.node("a").context()->incarnation, old->incarnation);
  sim.run_for(1s);
  EXPECT_GT((seen->beats_from[{"a", "b"}]), heard + 90);
  EXPECT_EQ(sim.node("a").starts(), 2u);
}

TEST_F(SimulatedNode, HasDeadPortsOnceItsIncarnationEnded) {
  sim.run_for(100ms);
  auto old = sim.node("a").context();
  auto actor = sim.node("a").root();
  sim.node("a").restart();
  auto fired = false;
  old->ports.clock->after(1ms, sim.node("a").root(), task{[&] { fired = true; }});
  old->ports.executor->run(
      lane::log, [&] { fired = true; }, actor, task{});
  EXPECT_FALSE(old->ports.disk->open("beats", open_mode::read));
  auto f = make_frame<message::Heartbeat>({0, {old->id, {}}, toy::beater_key(), {}},
                                          [](message::Heartbeat::Builder) {});
  EXPECT_EQ(old->ports.network->send(sim.node("b").id(), f), errc::unreachable);
  const auto lines = sim.timeline().entries().size();
  old->ports.log->write(severity::info, "ghost");
  EXPECT_EQ(sim.timeline().entries().size(), lines);
  const auto then = old->ports.clock->now();
  sim.run_for(1s);
  EXPECT_FALSE(fired);
  EXPECT_EQ(old->ports.clock->now(), then);
}

TEST_F(SimulatedNode, FiresNoTimerOfACrashedIncarnation) {
  auto fired = 0;
  auto& d = sim.add_node(
      "d", toy::running([&](toy::scripted& self) { self.after(500ms, [&] { ++fired; }); }));
  d.start();
  sim.run_for(400ms);
  d.restart();
  sim.run_for(400ms);
  EXPECT_EQ(fired, 0);
  sim.run_for(200ms);
  EXPECT_EQ(fired, 1);
}

TEST_F(SimulatedNode, LosesUnsyncedWritesAtACrashButNotWhenOnlyTheProcessDies) {
  auto lost = 0;
  for (int i = 0; i < 30; ++i) {
    for (const auto power_loss : {true, false}) {
      auto& a = sim.node("a");
      auto f = std::move(*a.context()->ports.disk->open("mine", open_mode::create));
      ASSERT_TRUE(a.context()->ports.disk->sync_directory(""));
      ASSERT_TRUE(f->truncate(0));
      ASSERT_TRUE(f->sync());
      const std::array<std::byte, 8> some{};
      ASSERT_TRUE(f->write_at(0, some));
      power_loss ? a.crash() : a.kill();
      a.start();
      auto again = std::move(*a.context()->ports.disk->open("mine", open_mode::read));
      if (!power_loss) {
        ASSERT_EQ(*again->size(), 8u);
      }
      lost += *again->size() == 0;
    }
  }
  EXPECT_GT(lost, 0);
}

TEST_F(SimulatedNode, RestartsWithAnEmptyDiskWhenItIsReplaced) {
  sim.run_for(1s);
  EXPECT_GT(sim.node("a").disk().used(), 0u);
  sim.node("a").restart_empty();
  EXPECT_EQ(sim.node("a").disk().used(), 0u);
}

TEST_F(SimulatedNode, DoesNothingWhilePausedAndCatchesUpWhenResumed) {
  sim.run_for(100ms);
  auto& a = sim.node("a");
  a.pause();
  sim.run_for(5ms);
  const auto ticks = seen->ticks["a"];
  const auto heard = seen->beats_heard["a"];
  const auto before = a.context()->ports.clock->now();
  sim.run_for(1s);
  EXPECT_EQ(seen->ticks["a"], ticks);
  EXPECT_EQ(seen->beats_heard["a"], heard);
  EXPECT_EQ(a.context()->ports.clock->now() - before, 1s) << "clocks go on";
  a.resume();
  sim.run_for(1ms);
  EXPECT_GT(seen->beats_heard["a"], heard + 190);
  EXPECT_EQ(seen->ticks["a"], ticks + 1) << "one timer was due";
}

TEST_F(SimulatedNode, ForgetsWhatWaitedWhenItCrashesWhilePaused) {
  sim.node("a").pause();
  sim.run_for(1s);
  const auto heard = seen->beats_heard["a"];
  sim.node("a").crash();
  sim.run_for(1ms);
  sim.node("a").start();
  sim.run_for(1ms);
  EXPECT_LE(seen->beats_heard["a"], heard + 4);
}

TEST_F(SimulatedNode, StopsInOrder) {
  EXPECT_TRUE(sim.node("a").stop());
  EXPECT_FALSE(sim.node("a").running());
  sim.run_for(10s);
  EXPECT_EQ(sim.node("a").starts(), 1u);
}

TEST(NodeExit, IsNoticedAndRestartedAsByALauncher) {
  simulation sim{{.nodes = {"a"}, .restart_exited = 300ms}, toy::running([](toy::scripted& self) {
                   self.after(1s, [&self] { self.quit(caf::sec::runtime_error); });
                 })};
  sim.run_for(1100ms);
  EXPECT_FALSE(sim.node("a").running());
  EXPECT_NE(sim.node("a").exit_text(), "");
  sim.run_for(300ms);
  EXPECT_TRUE(sim.node("a").running());
  EXPECT_EQ(sim.node("a").starts(), 2u);
}

TEST(NodeExit, OfAProgramThatCannotStartIsNoticed) {
  simulation sim{{.nodes = {"a"}}, [](caf::actor_system&, const node_ptr&) -> caf::actor {
                   throw std::runtime_error{"data directory of another cluster"};
                 }};
  EXPECT_FALSE(sim.node("a").running());
  EXPECT_NE(sim.node("a").exit_text().find("another cluster"), std::string::npos);
}

TEST(NodeActors, OfACrashedNodeAreAllGone) {
  auto seen = std::make_shared<toy::record>();
  simulation sim{
      {.nodes = {"a"}}, toy::running([&](toy::scripted& self) {
        for (int i = 0; i < 10; ++i)
          self.link_to(self.spawn<toy::beater>(self.shared_node(), seen, duration{1ms}, false));
      })};
  sim.run_for(10ms);
  EXPECT_NO_THROW(sim.node("a").crash());
}

TEST(NodeActors, ThatSurviveACrashFailTheRun) {
  auto seen = std::make_shared<toy::record>();
  caf::actor stray;
  simulation sim{{.nodes = {"a"}}, toy::running([&](toy::scripted& self) {
                   stray = self.spawn<toy::beater>(self.shared_node(), seen, duration{1ms}, false);
                 })};
  sim.run_for(10ms);
  EXPECT_THROW(sim.node("a").crash(), simulation_failure);
  // The run is over; the stray is ended so that nothing outlives its system.
  caf::anon_send_exit(stray, caf::exit_reason::kill);
  stray = {};
}

TEST(NodeActors, HostedByATestEndWithTheNode) {
  auto seen = std::make_shared<toy::record>();
  simulation sim{{.nodes = {"a"}}, toy::running({})};
  auto guest = sim.node("a").host([&](caf::actor_system& system, const node_ptr& node) {
    return caf::actor_cast<caf::actor>(system.spawn<toy::beater>(node, seen, duration{1ms}, false));
  });
  sim.run_for(10ms);
  EXPECT_GT(seen->ticks["a"], 8u);
  EXPECT_NO_THROW(sim.node("a").restart());
  const auto ticks = seen->ticks["a"];
  sim.run_for(10ms);
  EXPECT_EQ(seen->ticks["a"], ticks);
}

TEST(NodeMembers, AreKnownToEveryNodeSortedByName) {
  simulation sim{{.nodes = {"c", "a", "b"}, .start = false}, toy::running({})};
  sim.add_node("client", toy::running({}), false);
  sim.node("a").start();
  std::vector<std::string> names;
  for (const auto& member : sim.node("a").context()->members) names.push_back(member.name);
  EXPECT_EQ(names, (std::vector<std::string>{"a", "b", "c"}));
}

// Found by a brutal run: healing while a node was on its way down left it down.
TEST(SimNode, ThatIsStoppingWhenAllIsHealedStartsAgain) {
  simulation sim{{.nodes = {"a"}}, toy::running([](toy::scripted& self) {
                   self.set_exit_handler([&self](const caf::exit_msg& exit) {
                     self.after(200ms, [&self, reason = exit.reason] { self.quit(reason); });
                   });
                 })};
  sim.node("a").ask_to_stop();
  sim.run_for(10ms);
  sim.heal_everything();
  EXPECT_EQ(sim.node("a").starts(), 1u) << "it has not ended yet";
  sim.run_for(1s);
  EXPECT_TRUE(sim.node("a").running());
  EXPECT_EQ(sim.node("a").starts(), 2u);
}

}  // namespace
}  // namespace us
