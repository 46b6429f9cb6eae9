// Node actors on the middleman's loop: the reasoning is in runtime/live/live_system.hpp.
#include "tests/live/live_cluster.hpp"

#include <future>
#include <thread>

#include <gtest/gtest.h>

namespace us {
namespace {

using std::chrono::milliseconds;
using test::happenings;

struct Loop : testing::Test {
  test::temporary_directory home;
  live_system system;
  cluster_config cluster = test::make_cluster({"a"}, home.path());
  std::shared_ptr<local_network> local = std::make_shared<local_network>();
  test::running_node a = test::start_node(system, cluster, "a", local);
  std::shared_ptr<happenings> heard = std::make_shared<happenings>();
};

// Answers a task with where it ran.
class worker final : public node_actor {
 public:
  using node_actor::node_actor;
  caf::behavior make_behavior() override { return serve(dispatch_table{}); }
};

std::thread::id where_it_runs(const caf::actor& who) {
  std::promise<std::thread::id> ran;
  caf::anon_send(who, task{[&ran] { ran.set_value(std::this_thread::get_id()); }});
  return ran.get_future().get();
}

TEST_F(Loop, RunsAllActorsOfANodeOnOneThreadThatIsNotTheCallers) {
  auto one = system.actors().spawn<worker>(a.node());
  auto two = system.actors().spawn<worker>(a.node());
  auto thread = where_it_runs(one);
  EXPECT_EQ(thread, where_it_runs(two));
  EXPECT_NE(thread, std::this_thread::get_id());
  test::end_actors(system, {one, two});
}

TEST_F(Loop, TakesMessagesFromManyThreadsAndLosesNone) {
  auto one = system.actors().spawn<worker>(a.node());
  constexpr int threads = 4;
  constexpr int each = 20'000;
  auto count = std::make_shared<int>(0);  // touched on the loop only
  {
    std::vector<std::jthread> senders;
    for (int t = 0; t < threads; ++t)
      senders.emplace_back([&] {
        for (int i = 0; i < each; ++i) caf::anon_send(one, task{[count] { ++*count; }});
      });
  }
  std::promise<int> result;
  caf::anon_send(one, task{[&] { result.set_value(*count); }});
  EXPECT_EQ(result.get_future().get(), threads * each);
  test::end_actors(system, {one});
}

TEST_F(Loop, SpawnsActorsFromTheLoopAndFromOutside) {
  auto one = system.actors().spawn<worker>(a.node());
  std::promise<caf::actor> spawned;
  caf::anon_send(one, task{[&] { spawned.set_value(system.actors().spawn<worker>(a.node())); }});
  auto two = spawned.get_future().get();
  EXPECT_EQ(where_it_runs(one), where_it_runs(two));
  test::end_actors(system, {one, two});
}

TEST_F(Loop, RunsTimersInTheirActorAndInTheirOrder) {
  auto one = system.actors().spawn<worker>(a.node());
  auto note = [&](const char* what) { return task{[to = heard, what] { to->add(what); }}; };
  a.node()->ports.clock->after(milliseconds{20}, one, note("second"));
  a.node()->ports.clock->after(milliseconds{1}, one, note("first"));
  a.node()->ports.clock->after(milliseconds{0}, one, note("at once"));
  EXPECT_TRUE(heard->wait_for("at once"));
  EXPECT_TRUE(heard->wait_for("first"));
  EXPECT_TRUE(heard->wait_for("second"));
  test::end_actors(system, {one});
}

TEST_F(Loop, CompletesJobsOfTheExecutorInTheActor) {
  auto one = system.actors().spawn<worker>(a.node());
  auto loop = where_it_runs(one);
  std::promise<bool> on_loop;
  a.node()->ports.executor->run(
      lane::bulk, [] {}, one,
      task{[&] { on_loop.set_value(std::this_thread::get_id() == loop); }});
  EXPECT_TRUE(on_loop.get_future().get());
  test::end_actors(system, {one});
}

TEST_F(Loop, EndsThoughTimersAndMessagesAreStillUnderWay) {
  auto one = system.actors().spawn<worker>(a.node());
  for (int i = 0; i < 1000; ++i) {
    a.node()->ports.clock->after(milliseconds{i}, one, task{[] {}});
    caf::anon_send(one, task{[] {}});
  }
  test::end_actors(system, {one});
  for (int i = 0; i < 1000; ++i) caf::anon_send(one, task{[] {}});
}

TEST_F(Loop, HandsFramesBetweenNodesOfTheProcess) {
  auto two_nodes = test::make_cluster({"b", "c"}, home.path());
  auto b = test::start_node(system, two_nodes, "b", local);
  auto c = test::start_node(system, two_nodes, "c", local);
  auto listener = test::spawn_listener(system, b.node(), "listener", heard);
  auto echo = test::spawn_echo(system, c.node(), "echo");
  auto beat = test::make_beat(b.node(), "listener", "echo", 1);
  EXPECT_EQ(b.node()->send(c.node()->id, beat), errc::none);
  EXPECT_TRUE(heard->wait_for("heard 1."));
  test::end_actors(system, {listener, echo});
  // It is taken off the directory beside telling that it ended.
  while (c.node()->directory->find(actor_key_of("echo"))) std::this_thread::yield();
  EXPECT_EQ(b.node()->send(c.node()->id, beat), errc::none);
  EXPECT_TRUE(c.log->wait_for("frame_dropped reason=no_actor"));
  auto gone = c.node()->id;
  c.live->stop();
  EXPECT_EQ(b.node()->send(gone, beat), errc::unreachable);
}

}  // namespace
}  // namespace us
