// A leader that hands over in order, and what members are told of priorities, in simulation.
#include "runtime/simulation/gtest.hpp"
#include "tests/leader_follower/sim_cluster.hpp"
#include "tests/leader_follower/status_request.hpp"

#include <gtest/gtest.h>

namespace us::test {
namespace {

using namespace std::chrono_literals;

// Answers leave with what the leader's own disk has, and the followers have just missed some of it:
// who takes over in order has everything that was answered all the same.
TEST(HandOver, LosesNothingThatWasAnsweredEarly) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    sim_cluster run{{.seed = seed}, small_segments(), {.when = acknowledgement::async}};
    run.watch_cuts();
    ASSERT_TRUE(run.wait_for_leader(2s));
    run.work().interval = 5ms;
    run.start_clients();
    run.sim().run_for(500ms);
    run.sim().network().delay(5ms, 10ms);
    const auto from = run.leader();
    for (const auto& name : run.sim().nodes())
      if (name != from) run.sim().network().cut_for(from, name, 30ms);
    run.sim().run_for(35ms);
    const std::string to = from == "a" ? "b" : "a";
    run.cluster().ask_to_lead(to);
    EXPECT_TRUE(run.cluster().advance_until([&] { return run.leader() == to; }, 2s))
        << "seed " << seed;
    run.sim().run_for(500ms);
    run.finish();
    EXPECT_EQ(run.cuts().cut(), 0u) << "seed " << seed;
    EXPECT_GT(run.sim().probes().of(rare::answered_early), 0u);
  }
}

TEST(MemberStatus, TellsThePriorityOfEach) {
  sim_cluster run{{.seed = test_seed(), .priorities = {{"a", 0}, {"b", 100}}}};
  ASSERT_TRUE(run.wait_for_leader(2s));
  auto answer = std::make_shared<std::optional<frame>>();
  run.sim().node("a").host([&](caf::actor_system& system, const node_ptr& context) -> caf::actor {
    return system.spawn<status_request>(context, answer);
  });
  ASSERT_TRUE(run.sim().run_until([&] { return answer->has_value(); }, 1s));
  opened_frame opened{**answer};
  std::map<std::string, unsigned> told;
  for (auto member : opened.body<message::ServiceStatus>().getMembers())
    told.emplace(member.getName(), member.getPriority());
  EXPECT_EQ(told, (std::map<std::string, unsigned>{{"a", 0}, {"b", 100}, {"c", 1}}));
}

TEST(MemberRemoval, LeavesOneThatMayLead) {
  sim_cluster run{{.seed = test_seed(), .priorities = {{"a", 0}, {"b", 0}}}};
  ASSERT_TRUE(run.wait_for_leader(2s));
  run.sim().run_for(500ms);
  const auto refused = run.change("a", message::MemberAction::REMOVE, "c");
  EXPECT_EQ(refused.what, change_outcome::kind::refused) << refused.text;
  EXPECT_EQ(run.leader(), "c");
  const auto removed = run.change("a", message::MemberAction::REMOVE, "b");
  EXPECT_EQ(removed.what, change_outcome::kind::done) << removed.text;
}

}  // namespace
}  // namespace us::test
