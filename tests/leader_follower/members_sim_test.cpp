// Members of a group come, go and are replaced, step by step. What happens to them at random is in
// sweep_test.cpp.
#include "actors/leader_follower/standing.hpp"
#include "runtime/simulation/gtest.hpp"
#include "runtime/simulation/sim_disk.hpp"
#include "tests/leader_follower/sim_cluster.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "messages/leader_follower.capnp.h"

namespace us::test {
namespace {

using namespace std::chrono_literals;

using action = message::MemberAction;
using kind = change_outcome::kind;

cluster_options three_and_a_spare() {
  cluster_options how;
  how.seed = test_seed();
  how.spares = 1;
  return how;
}

class Members : public testing::Test {
 protected:
  explicit Members(group_limits limits = small_segments())
      : cluster_(three_and_a_spare(), limits) {}

  void SetUp() override {
    ASSERT_TRUE(cluster_.wait_for_leader(2s));
    cluster_.start_clients();
    cluster_.sim().run_for(1s);
    cluster_.cluster().start_spares();
  }
  std::string leader() const { return cluster_.leader(); }
  std::string a_follower() const { return leader() == "a" ? "b" : "a"; }
  std::string other_follower() const {
    for (const auto* name : {"a", "b", "c"})
      if (name != leader() && name != a_follower()) return name;
    return {};
  }
  change_outcome change(action what, const std::string& node) {
    return cluster_.change(cluster_.leader().empty() ? "a" : leader(), what, node);
  }
  void expect_done(action what, const std::string& node) {
    const auto outcome = change(what, node);
    ASSERT_EQ(outcome.what, kind::done) << outcome.text;
  }
  /// Until it has caught up; what is refused for that reason is asked for again.
  void promote(const std::string& node) {
    for (int i = 0; i < 50; ++i) {
      if (change(action::PROMOTE, node).what == kind::done) return;
      cluster_.sim().run_for(100ms);
    }
    FAIL() << node << " could not be promoted";
  }
  void make_voter(const std::string& node) {
    expect_done(action::ADD, node);
    cluster_.sim().run_for(1s);
    promote(node);
  }
  bool has_committed(const std::string& name, std::uint64_t at_least) {
    for (const auto* replica : cluster_.sim().node(name).replicas())
      if (replica->view().commit.value >= at_least) return true;
    return false;
  }
  std::uint64_t committed() {
    return cluster_.cluster().world().node(leader()).replicas().front()->view().commit.value;
  }
  std::uint64_t reached(rare what) { return cluster_.sim().probes().of(what); }
  bool answers(duration limit = 3s) {
    const auto before = cluster_.work().history.count(outcome_kind::done);
    return cluster_.sim().run_until(
        [&] { return cluster_.work().history.count(outcome_kind::done) > before + 20; }, limit);
  }
  bool votes(const std::string& name) {
    auto disk =
        sim::make_disk_port(std::make_shared<sim::disk_access>(cluster_.sim().node(name).disk()));
    auto standing = load_standing(*disk, "lists/standing");
    return standing && standing->votes();
  }
  /// What the replica of that node thinks: how many voters there are.
  std::size_t voters_seen_by(const std::string& name) {
    const auto& all = cluster_.sim().node(name).replicas();
    return all.empty() ? 0 : all.front()->view().voters;
  }
  void finish_with_all() {
    cluster_.heal_and_expect_life();
    cluster_.finish();
  }

  sim_cluster cluster_;
};

// A spare node on an empty disk waits; as learner it gets everything and counts for nothing.
TEST_F(Members, ALearnerGetsTheLogAndDoesNotCount) {
  cluster_.sim().run_for(2s);
  EXPECT_FALSE(has_committed("d", 1)) << "nobody has added it";
  expect_done(action::ADD, "d");
  const auto then = committed();
  EXPECT_TRUE(cluster_.sim().run_until([&] { return has_committed("d", then); }, 3s));
  EXPECT_EQ(cluster_.cluster().voters(), 3u);
  // With one voter and the learner there is no majority of three.
  cluster_.sim().node(a_follower()).kill();
  const auto other = other_follower();
  cluster_.sim().node(other).kill();
  cluster_.sim().run_for(2s);
  EXPECT_TRUE(cluster_.leader().empty());
  cluster_.heal_and_expect_life();
  promote("d");
  finish_with_all();
}

// One of three dies for good: a new machine takes its place.
TEST_F(Members, ADeadMemberIsReplaced) {
  const auto dead = a_follower();
  expect_done(action::ADD, "d");
  cluster_.sim().run_for(1s);
  cluster_.sim().node(dead).kill();
  promote("d");
  expect_done(action::REMOVE, dead);
  EXPECT_EQ(cluster_.cluster().voters(), 3u);
  // Any one of the new three may be lost now.
  const auto former = leader();
  cluster_.sim().node(former).kill();
  ASSERT_TRUE(cluster_.wait_for_leader(5s));
  EXPECT_TRUE(answers());
  cluster_.sim().node(former).start();
  cluster_.sim().node(dead).start();
  cluster_.sim().run_for(1s);
  expect_done(action::ADD, dead);
  promote(dead);
  finish_with_all();
}

// Thesis 3.10, 4.2.2: the leader hands over, and its successor removes it.
TEST_F(Members, TheLeaderIsRemoved) {
  make_voter("d");
  const auto former = leader();
  const auto outcome = cluster_.change("d", action::REMOVE, former);
  EXPECT_EQ(outcome.what, kind::done) << outcome.text;
  EXPECT_NE(leader(), former);
  EXPECT_EQ(cluster_.cluster().voters(), 3u);
  EXPECT_GT(reached(rare::handed_over), 0u);
  EXPECT_TRUE(answers());
  make_voter(former);
  finish_with_all();
}

// Who was removed goes on alone and with its old log: it disturbs nobody. Thesis 4.2.3.
TEST_F(Members, ARemovedOneDisturbsNobody) {
  const auto removed = a_follower();
  // It does not hear of its removal.
  cluster_.sim().network().isolate_for({removed}, 3s);
  cluster_.sim().run_for(500ms);
  expect_done(action::REMOVE, removed);
  cluster_.sim().run_for(4s);
  const auto before = cluster_.leader_epoch();
  const auto asked = reached(rare::pre_vote_refused);
  cluster_.sim().run_for(10s);
  EXPECT_EQ(cluster_.leader_epoch(), before);
  EXPECT_GT(reached(rare::pre_vote_refused), asked) << "it has not tried";
  EXPECT_TRUE(answers());
  make_voter(removed);
  make_voter("d");
  finish_with_all();
}

// It has the entry of its own removal: told by the leader before that forgets it.
TEST_F(Members, ARemovedOneKnows) {
  const auto removed = a_follower();
  expect_done(action::REMOVE, removed);
  cluster_.sim().run_for(1s);
  EXPECT_EQ(voters_seen_by(removed), 2u);
  const auto asked = reached(rare::pre_vote_refused);
  cluster_.sim().run_for(5s);
  EXPECT_EQ(reached(rare::pre_vote_refused), asked) << "it stands although it knows";
  make_voter(removed);
  make_voter("d");
  finish_with_all();
}

// The change is on the leader's disk only when that is cut off; another one leads, and it is cut.
TEST_F(Members, AChangeThatIsNotCommittedIsUndone) {
  const auto former = leader();
  cluster_.sim().network().isolate_for({former}, 4s);
  const auto outcome = cluster_.change(former, action::ADD, "d", false, 400ms);
  EXPECT_EQ(outcome.what, kind::unknown) << outcome.text;
  ASSERT_TRUE(
      cluster_.sim().run_until([&] { return !leader().empty() && leader() != former; }, 3s));
  EXPECT_TRUE(answers());
  EXPECT_TRUE(
      cluster_.sim().run_until([&] { return reached(rare::member_change_undone) > 0; }, 6s));
  EXPECT_EQ(voters_seen_by(former), 3u);
  make_voter("d");
  finish_with_all();
}

TEST_F(Members, RefusalsSayWhy) {
  EXPECT_EQ(change(action::PROMOTE, "d").what, kind::refused);
  cluster_.sim().node("d").kill();
  expect_done(action::ADD, "d");
  auto refused = change(action::PROMOTE, "d");
  EXPECT_EQ(refused.what, kind::refused);
  EXPECT_NE(refused.text.find("does not answer"), std::string::npos) << refused.text;
  cluster_.sim().node(a_follower()).kill();
  cluster_.sim().run_for(1s);
  refused = change(action::REMOVE, other_follower());
  EXPECT_EQ(refused.what, kind::refused);
  EXPECT_NE(refused.text.find("would not go on"), std::string::npos) << refused.text;
  EXPECT_EQ(change(action::ADD, "nobody-knows-it").what, kind::refused);
  expect_done(action::REMOVE, "d");
  expect_done(action::REMOVE, "d");
  cluster_.sim().node(a_follower()).start();
  cluster_.sim().node("d").start();
  cluster_.sim().run_for(1s);
  make_voter("d");
  finish_with_all();
}

// Every node restarts at once: the members are in the log, whatever the configuration files say.
// (The files of a, b and c name d, too, after that.)
TEST_F(Members, ARestartFindsThemInTheLog) {
  const auto removed = a_follower();
  expect_done(action::REMOVE, removed);
  cluster_.sim().run_for(500ms);
  for (const auto* name : {"a", "b", "c"}) cluster_.sim().node(name).restart();
  ASSERT_TRUE(cluster_.wait_for_leader(5s));
  cluster_.start_clients();
  EXPECT_EQ(cluster_.cluster().voters(), 2u);
  EXPECT_NE(leader(), removed);
  EXPECT_TRUE(answers());
  make_voter(removed);
  make_voter("d");
  finish_with_all();
}

class MembersBySnapshot : public Members {
 protected:
  MembersBySnapshot() : Members(tiny_snapshots()) {}
};

// The log no longer has the entry: the newcomer, and a restart, have the members from the snapshot.
TEST_F(MembersBySnapshot, AreKnownWhenTheLogHasForgottenTheEntry) {
  const auto removed = a_follower();
  expect_done(action::REMOVE, removed);
  cluster_.sim().run_for(6s);
  expect_done(action::ADD, "d");
  ASSERT_TRUE(
      cluster_.sim().run_until([&] { return reached(rare::members_by_snapshot) > 0; }, 10s));
  cluster_.sim().run_for(6s);
  promote("d");
  cluster_.sim().run_for(6s);
  for (const auto* name : {"a", "b", "c", "d"})
    if (name != removed) cluster_.sim().node(name).restart();
  ASSERT_TRUE(cluster_.wait_for_leader(5s));
  cluster_.start_clients();
  EXPECT_EQ(cluster_.cluster().voters(), 3u);
  const auto members = cluster_.cluster().members();
  EXPECT_EQ(std::ranges::count(members, removed), 0);
  EXPECT_EQ(std::ranges::count(members, "d"), 1);
  EXPECT_TRUE(answers());
  make_voter(removed);
  finish_with_all();
}

// A learner that has caught up loses its disk: it has to catch up again before it may be promoted,
// and its vote counts only then.
TEST_F(Members, ALearnerWithoutItsDiskIsNotPromoted) {
  expect_done(action::ADD, "d");
  cluster_.sim().run_for(2s);
  cluster_.sim().node("d").restart_empty();
  cluster_.sim().run_for(100ms);
  EXPECT_EQ(change(action::PROMOTE, "d").what, kind::refused);
  promote("d");
  EXPECT_TRUE(votes("d"));
  cluster_.start_clients();
  finish_with_all();
}

// The same, but the leader has not noticed yet: it asks first.
TEST_F(Members, ALearnerThatHasJustLostItsDiskIsNotPromoted) {
  expect_done(action::ADD, "d");
  cluster_.sim().run_for(2s);
  cluster_.sim().node("d").restart_empty();
  EXPECT_EQ(change(action::PROMOTE, "d").what, kind::refused);
  promote("d");
  EXPECT_TRUE(votes("d"));
  finish_with_all();
}

// Seed 64 of ThreeStormMembers: of those who stay, one went down a moment ago, and comes back
// without its disk. Were the other one removed, nothing could be committed ever again.
TEST_F(Members, ARemovalThatLeavesOneThatIsGoneIsRefused) {
  const auto gone = a_follower();
  cluster_.sim().node(gone).kill();
  const auto refused = change(action::REMOVE, other_follower());
  EXPECT_EQ(refused.what, kind::refused);
  EXPECT_NE(refused.text.find("no majority answers"), std::string::npos) << refused.text;
  cluster_.sim().node(gone).restart_empty();
  expect_done(action::ADD, "d");
  promote("d");
  finish_with_all();
}

// Seed 223: one voter is left, and the one that would be the second has gone a moment ago.
TEST_F(Members, AGroupOfOneIsNotMadeTwoByOneThatIsGone) {
  expect_done(action::ADD, "d");
  cluster_.sim().run_for(1s);
  expect_done(action::REMOVE, a_follower());
  expect_done(action::REMOVE, other_follower());
  ASSERT_EQ(cluster_.cluster().voters(), 1u);
  cluster_.sim().node("d").kill();
  EXPECT_EQ(change(action::PROMOTE, "d").what, kind::refused);
  EXPECT_TRUE(answers());
  cluster_.sim().node("d").restart_empty();
  promote("d");
  finish_with_all();
}

}  // namespace
}  // namespace us::test
