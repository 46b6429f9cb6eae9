// Active-passive groups in virtual time: takeover, hand-over, preemption, maintenance, strangers.
#include "tests/vip/sim_group.hpp"

#include <gtest/gtest.h>

namespace us::test {
namespace {

using namespace std::chrono_literals;
using active_passive::safety;

const std::map<std::string, unsigned> a_preferred{{"a", 150}};

TEST(ActivePassive, OneOfTwoThatStartAtOnceBecomesActive) {
  sim_group group{{.seed = test_seed(), .priorities = a_preferred}};
  ASSERT_TRUE(group.settles("a"));
  EXPECT_TRUE(group.board().overlaps().empty());
}

// {a, b}, a active: power loss. The default heartbeat is 20 ms, the bound 3 of them and the way.
TEST(ActivePassive, PassiveTakesOverWithin100MsOfACrash) {
  for_each_seed(1, 50, [](std::uint64_t seed) {
    sim_group group{{.seed = seed, .priorities = a_preferred}};
    ASSERT_TRUE(group.settles("a"));
    const auto crashed = group.sim().now();
    group.sim().node("a").crash();
    ASSERT_TRUE(group.held_by("b", 1s));
    EXPECT_LT(group.sim().now() - crashed, 100ms);
  });
}

TEST(ActivePassive, AReturningNodeDoesNotTakeItBackUnlessToldTo) {
  sim_group group{{.seed = test_seed(), .priorities = a_preferred}};
  ASSERT_TRUE(group.settles("a"));
  group.sim().node("a").crash();
  ASSERT_TRUE(group.settles("b"));
  group.sim().node("a").start();
  group.sim().run_for(5s);
  EXPECT_EQ(group.holder(), "b");
}

TEST(ActivePassive, APreferredNodePreemptsAfterItsDelayByHandOver) {
  sim_group group{{.seed = test_seed(), .preempt = true, .priorities = a_preferred}};
  ASSERT_TRUE(group.settles("a"));
  group.sim().node("a").crash();
  ASSERT_TRUE(group.settles("b"));
  const auto before = group.sim().now();
  group.sim().node("a").start();
  ASSERT_TRUE(group.held_by("a", 5s));
  EXPECT_GE(group.sim().now() - before, group.timing().preempt_delay);
  EXPECT_EQ(group.board().longest_gap(before, group.sim().now()), 0ns) << "nobody held it";
  EXPECT_EQ(group.said("a is preferred"), 2u) << "the role's log and the event";
}

TEST(ActivePassive, AStoppingActiveHandsOverInOneRoundTrip) {
  sim_group group{{.seed = test_seed(), .priorities = a_preferred}};
  ASSERT_TRUE(group.settles("a"));
  const auto before = group.sim().now();
  ASSERT_TRUE(group.sim().node("a").stop());
  EXPECT_EQ(group.holder(), "b");
  EXPECT_LT(group.sim().now() - before, 10ms);
  EXPECT_EQ(group.board().longest_gap(before, group.sim().now()), 0ns) << "nobody held it";
  EXPECT_EQ(group.said("both active"), 0u) << "a planned hand-over is no accident";
}

TEST(ActivePassive, AnOperatorMovesItWithACommand) {
  sim_group group{{.seed = test_seed(), .priorities = a_preferred}};
  ASSERT_TRUE(group.settles("a"));
  group.tell("a", active_passive::hand_over_now{});
  EXPECT_TRUE(group.settles("b"));
}

TEST(ActivePassive, ANodeInMaintenanceHandsOverAndStaysAsideThoughItRestarts) {
  sim_group group{{.seed = test_seed(), .priorities = a_preferred}};
  ASSERT_TRUE(group.settles("a"));
  group.tell("a", active_passive::maintenance_changed{true});
  ASSERT_TRUE(group.settles("b"));
  group.sim().node("a").restart();
  group.sim().run_for(1s);
  group.sim().node("b").crash();
  group.sim().run_for(2s);
  EXPECT_EQ(group.holder(), "");
  group.tell("a", active_passive::maintenance_changed{false});
  EXPECT_TRUE(group.settles("a"));
}

TEST(ActivePassive, AFailingCheckMovesItAndWithNobodyElseLetsGo) {
  sim_group group{{.seed = test_seed(), .priorities = a_preferred}};
  ASSERT_TRUE(group.settles("a"));
  group.tell("a", active_passive::health_changed{"web: connection refused"});
  ASSERT_TRUE(group.settles("b"));
  group.tell("b", active_passive::health_changed{"web: connection refused"});
  group.sim().run_for(100ms);
  EXPECT_EQ(group.holder(), "");
  group.tell("a", active_passive::health_changed{});
  EXPECT_TRUE(group.settles("a"));
}

// {a, b}, a active: its process is paused for two seconds and goes on.
TEST(ActivePassive, OneThatWasPausedHasLetGoBeforeItDoesAnythingElse) {
  sim_group group{{.seed = test_seed(), .priorities = a_preferred}};
  ASSERT_TRUE(group.settles("a"));
  group.sim().node("a").pause();
  ASSERT_TRUE(group.held_by("b", 1s));
  group.sim().check("paused node lets go", [&]() -> std::optional<std::string> {
    if (group.sim().now() < 3s) return std::nullopt;
    return group.board().more_than_one();
  });
  group.sim().run_for(2s);
  group.sim().node("a").resume();
  group.sim().run_for(2s);
  EXPECT_EQ(group.holder(), "b");
}

// {a} | {b}: both active; healed, one lets go and says for how long there were two.
TEST(ActivePassive, AfterAPartitionOneLetsGoAndReportsTheOverlap) {
  sim_group group{{.seed = test_seed(), .priorities = a_preferred}};
  ASSERT_TRUE(group.settles("a"));
  group.sim().network().split({"a"}, {"b"});
  group.sim().run_for(3s);
  ASSERT_EQ(group.board().holders().size(), 2u);
  group.sim().network().heal();
  ASSERT_TRUE(group.settles("b"));  // the newer epoch
  const auto seen = group.board().overlaps();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_GT(seen.front().length, 2800ms);
  EXPECT_EQ(group.said("were both active for"), 1u);
  const auto metrics = group.sim().node("a").context()->metrics->text();
  const auto place = metrics.find("understudy_vip_overlap_seconds_total{group=\"vip\"} ");
  ASSERT_NE(place, std::string::npos) << metrics;
  const auto told = std::stod(metrics.substr(metrics.find("} ", place) + 2));
  EXPECT_NEAR(told, std::chrono::duration<double>(seen.front().length).count(), 0.06);
}

// a -> b lost, b -> a heard: b takes over and a, which hears it, lets go.
TEST(ActivePassive, WhenOnlyTheActivesBeatsAreLostItLetsGoToTheNewOne) {
  sim_group group{{.seed = test_seed(), .priorities = a_preferred}};
  ASSERT_TRUE(group.settles("a"));
  group.sim().network().cut("a", "b");
  ASSERT_TRUE(group.held_by("b", 1s));
  for (const auto& seen : group.board().overlaps()) EXPECT_LT(seen.length, 50ms);
}

TEST(ActivePassive, AStrangerWithTheAddressKeepsAllAside) {
  sim_group group{{.seed = test_seed()}};
  group.sim().node("a").crash();
  group.sim().node("b").crash();
  group.board().stranger = hardware_address{0xaa, 0xbb, 0xcc, 0, 0, 1};
  group.sim().node("a").start();
  group.sim().node("b").start();
  group.sim().run_for(5s);
  EXPECT_TRUE(group.board().holders().empty());
  EXPECT_GT(group.said("in use by a stranger, aa:bb:cc:00:00:01"), 0u);
  group.board().stranger.reset();
  EXPECT_TRUE(group.settles());
}

TEST(ActivePassive, APassiveHasTheFormerActiveFencedBeforeItTakesOver) {
  auto asked = std::make_shared<std::vector<active_passive::fence_request>>();
  bool well = false;
  sim_group group{{.seed = test_seed(),
                   .priorities = a_preferred,
                   .fence = [asked, &well](const auto& request, const caf::actor& receiver,
                                           active_passive::fence_answer then) {
                     asked->push_back(request);
                     caf::anon_send(receiver,
                                    task{[then, &well] { then(well, "no power switch"); }});
                   }}};
  ASSERT_TRUE(group.settles("a"));
  EXPECT_TRUE(asked->empty()) << "nobody was active before";
  group.sim().node("a").crash();
  group.sim().run_for(2s);
  EXPECT_EQ(group.holder(), "") << "not fenced, so not taken";
  EXPECT_GT(asked->size(), 1u);
  well = true;
  ASSERT_TRUE(group.settles("b"));
  EXPECT_EQ(asked->back().victim, "a");
  EXPECT_GT(asked->back().epoch, us::epoch{1});
}

TEST(ActivePassive, OfThreeTheNextInRankTakesOver) {
  sim_group group{{.nodes = {"a", "b", "c"},
                   .seed = test_seed(),
                   .priorities = {{"a", 150}, {"b", 90}, {"c", 120}}}};
  ASSERT_TRUE(group.settles("a"));
  group.sim().node("a").crash();
  ASSERT_TRUE(group.settles("c"));
  EXPECT_TRUE(group.board().overlaps().empty());
}

TEST(ActivePassiveLease, WithAWitnessTwoNodesSufficeAndOneOfThreeMayFail) {
  sim_group group{{.nodes = {"a", "b", "w"},
                   .seed = test_seed(),
                   .safety = safety::lease,
                   .priorities = a_preferred,
                   .witness = "w"}};
  ASSERT_TRUE(group.settles("a"));
  group.sim().node("a").crash();
  ASSERT_TRUE(group.settles("b"));
  EXPECT_TRUE(group.board().overlaps().empty());
}

// {a} | {b, c}, a active: it stops before b may begin.
TEST(ActivePassiveLease, TheMinoritysActiveStopsByItsOwnClockBeforeTheMajorityHasAnother) {
  sim_group group{{.nodes = {"a", "b", "c"},
                   .seed = test_seed(),
                   .safety = safety::lease,
                   .priorities = {{"a", 150}, {"b", 120}}}};
  ASSERT_TRUE(group.settles("a"));
  group.sim().network().split({"a"}, {"b", "c"});
  ASSERT_TRUE(group.held_by("b", 2s));
  EXPECT_TRUE(group.board().overlaps().empty());
  group.sim().network().heal();
  EXPECT_TRUE(group.settles("b"));
}

TEST(ActivePassiveLease, WithoutAMajorityNobodyIsActive) {
  sim_group group{{.nodes = {"a", "b", "c"}, .seed = test_seed(), .safety = safety::lease}};
  ASSERT_TRUE(group.settles());
  group.sim().network().split({"a"}, {"b"});
  group.sim().network().split({"c"}, {"a", "b"});
  group.sim().run_for(1s);
  EXPECT_TRUE(group.board().holders().empty());
  group.sim().network().heal();
  EXPECT_TRUE(group.settles());
}

TEST(ActivePassiveLease, AHandOverIsShortAndNeverTwo) {
  sim_group group{{.nodes = {"a", "b", "c"},
                   .seed = test_seed(),
                   .safety = safety::lease,
                   .priorities = {{"a", 150}, {"b", 120}}}};
  ASSERT_TRUE(group.settles("a"));
  const auto before = group.sim().now();
  group.tell("a", active_passive::hand_over_now{});
  ASSERT_TRUE(group.held_by("b", 1s));
  EXPECT_LT(group.sim().now() - before, 10ms);
  EXPECT_TRUE(group.board().overlaps().empty());
}

}  // namespace
}  // namespace us::test
