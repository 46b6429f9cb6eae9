// The checker against a prober that answers what the test says, in virtual time.
#include "runtime/health/checker.hpp"
#include "tests/support/manual_node.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <gtest/gtest.h>

namespace us {
namespace {

using namespace std::chrono_literals;

struct scripted_prober final : prober {
  bool well = true;
  bool silent = false;
  std::vector<std::pair<endpoint, std::chrono::milliseconds>> asked;

  void run(const probe& what, std::chrono::milliseconds timeout, caf::actor receiver,
           std::function<void(const probe_result&)> then) override {
    asked.emplace_back(what.where, timeout);
    if (silent) return;
    caf::anon_send(receiver, task{[then, result = probe_result{well, well ? "" : "refused"}] {
                     then(result);
                   }});
  }
};

caf::behavior keep_changes(caf::event_based_actor*, std::vector<check_changed>* heard) {
  return {[heard](const check_changed& change) { heard->push_back(change); }};
}

struct Checker : testing::Test {
  Checker() { watcher = node.system().spawn(keep_changes, &changes); }
  ~Checker() override {
    for (const auto& each : {checker, watcher}) caf::anon_send_exit(each, caf::exit_reason::kill);
    node.run();
  }
  void start(std::size_t targets) {
    std::vector<check_target> all;
    for (std::size_t i = 0; i < targets; ++i) {
      check_config check{.probe = {}, .interval = 100ms, .timeout = 40ms, .rise = 2, .fall = 3};
      check.probe.where = {"127.0.0.1", static_cast<std::uint16_t>(1000 + i)};
      all.push_back({"t" + std::to_string(i), check});
    }
    checker = spawn_checker(node.system(), node.node(), prober, all, watcher);
    node.run();
  }

  test::manual_node node;
  std::shared_ptr<scripted_prober> prober = std::make_shared<scripted_prober>();
  std::vector<check_changed> changes;
  caf::actor watcher;
  caf::actor checker;
};

TEST_F(Checker, SaysTheFirstStateAtOnceAndNothingWhileItStays) {
  start(1);
  node.advance(1s);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].target, "t0");
  EXPECT_EQ(changes[0].state, check_state::up);
  EXPECT_EQ(prober->asked.size(), 11u);
  EXPECT_EQ(prober->asked[0].second, 40ms);
}

TEST_F(Checker, SaysDownWithinFallIntervals) {
  start(1);
  node.advance(1001ms);  // just after a probe
  prober->well = false;
  node.advance(298ms);
  EXPECT_EQ(changes.size(), 1u);
  node.advance(1ms);
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[1].state, check_state::down);
  EXPECT_EQ(changes[1].why, "refused");
}

TEST_F(Checker, SaysUpAgainAfterRise) {
  prober->well = false;
  start(1);
  prober->well = true;
  node.advance(199ms);
  EXPECT_EQ(changes.size(), 1u);
  node.advance(1ms);
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[1].state, check_state::up);
}

TEST_F(Checker, AsksAllAtOnceAndThenSpreadsThemOverTheInterval) {
  start(4);
  EXPECT_EQ(prober->asked.size(), 4u);
  node.advance(50ms);
  EXPECT_EQ(prober->asked.size(), 6u);
  node.advance(49ms);
  EXPECT_EQ(prober->asked.size(), 7u);
  node.advance(51ms);  // the last comes, and the next round begins
  EXPECT_EQ(prober->asked.size(), 10u);
}

TEST_F(Checker, HasOneProbeOfATargetUnderWay) {
  prober->silent = true;
  start(1);
  node.advance(1s);
  EXPECT_EQ(prober->asked.size(), 1u);
}

}  // namespace
}  // namespace us
