// The rules of a group's members: who votes, when a change takes effect, what a leader answers.
#include "actors/leader_follower/membership.hpp"

#include <gtest/gtest.h>

namespace us {
namespace {

using namespace std::chrono_literals;
using rules::judge_change;

group_member voter(const std::string& name) {
  return {node_id_of(name), name, "", member_kind::voter};
}
group_member learner(const std::string& name) {
  return {node_id_of(name), name, "", member_kind::learner};
}

group_member of_kind(const std::string& name, member_kind kind) {
  return {node_id_of(name), name, "", kind};
}

configuration abc(std::uint64_t index = 1) {
  return {{index}, {voter("a"), voter("b"), voter("c")}};
}
configuration abc_and_learner_d(std::uint64_t index = 4) {
  return {{index}, {voter("a"), voter("b"), voter("c"), learner("d")}};
}

/// Leader a has committed everything, and hears everybody.
change_situation all_is_well() {
  change_situation now;
  now.leader = node_id_of("a");
  now.own_epoch_committed = true;
  now.commit = {9};
  now.lag_max = 1s;
  now.knows_address = true;
  for (const char* name : {"b", "c", "d"})
    now.others.push_back({node_id_of(name), true, false, 0s});
  return now;
}

change_situation::seen& at(change_situation& s, const std::string& name) {
  for (auto& other : s.others)
    if (other.node == node_id_of(name)) return other;
  throw std::out_of_range{name};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Configuration, CountsVotersOnly) {
  const auto four = abc_and_learner_d();
  EXPECT_EQ(four.voters(), 3u);
  EXPECT_TRUE(four.votes(node_id_of("c")));
  EXPECT_FALSE(four.votes(node_id_of("d")));
  EXPECT_FALSE(four.votes(node_id_of("e")));
  EXPECT_EQ(four.nodes().size(), 4u);
  EXPECT_EQ(to_string(four), "a, b, c; learner d");
}

TEST(Configuration, CountsWitnessesAndTellsThemApart) {
  const configuration now{{4},
                          {voter("a"), voter("b"), of_kind("w", member_kind::witness),
                           of_kind("x", member_kind::witness_learner), learner("d")}};
  EXPECT_EQ(now.voters(), 3u);
  EXPECT_TRUE(now.votes(node_id_of("w")));
  EXPECT_FALSE(now.votes(node_id_of("x")));
  EXPECT_TRUE(now.is_witness(node_id_of("w")));
  EXPECT_TRUE(now.is_witness(node_id_of("x")));
  EXPECT_FALSE(now.is_witness(node_id_of("b")));
  EXPECT_FALSE(now.is_witness(node_id_of("nobody")));
  EXPECT_EQ(to_string(now), "a, b; witness w; learner d; learner (witness) x");
  std::string bytes;
  now.save(bytes);
  configuration again;
  ASSERT_TRUE(again.load(bytes));
  EXPECT_EQ(again.members(), now.members());
}

TEST(Membership, AWitnessDoesNotStand) {
  membership members;
  members.begin_with({{}, {voter("a"), voter("b"), of_kind("w", member_kind::witness)}});
  EXPECT_TRUE(members.may_stand(node_id_of("a"), {}));
  EXPECT_FALSE(members.may_stand(node_id_of("w"), {}));
  members.take({{5}, {voter("a"), voter("b")}});
  EXPECT_FALSE(members.may_stand(node_id_of("w"), {4})) << "nor while its removal is not committed";
}

TEST(JudgeChange, AWitnessIsPromotedToOneAndStaysOne) {
  auto now = abc();
  const auto added = judge_change(now, {member_action::add, "d", "", true}, all_is_well());
  ASSERT_EQ(added.verdict, change_verdict::proposes) << added.text;
  now = {{5}, added.next};
  EXPECT_EQ(now.find(node_id_of("d"))->kind, member_kind::witness_learner);
  const auto otherwise = judge_change(now, {member_action::add, "d", "", false}, all_is_well());
  EXPECT_EQ(otherwise.verdict, change_verdict::refused);
  EXPECT_TRUE(contains(otherwise.text, "empty its data directory")) << otherwise.text;
  const auto promoted = judge_change(now, {member_action::promote, "d", ""}, all_is_well());
  ASSERT_EQ(promoted.verdict, change_verdict::proposes) << promoted.text;
  now = {{6}, promoted.next};
  EXPECT_EQ(now.find(node_id_of("d"))->kind, member_kind::witness);
  EXPECT_EQ(now.voters(), 4u);
}

// Of a, w and x two could commit what neither has, and a restart of a could undo it.
TEST(JudgeChange, EveryMajorityHasOneThatKeepsTheRecords) {
  const auto w = of_kind("w", member_kind::witness);
  auto now = all_is_well();
  for (const char* name : {"w", "x"}) now.others.push_back({node_id_of(name), true, false, 0s});
  const configuration one_each{{1}, {voter("a"), w, of_kind("x", member_kind::witness_learner)}};
  const auto promoted = judge_change(one_each, {member_action::promote, "x", ""}, now);
  EXPECT_EQ(promoted.verdict, change_verdict::refused);
  EXPECT_TRUE(contains(promoted.text, "of a; witness w, x a majority")) << promoted.text;
  const configuration two_each{{1},
                               {voter("a"), voter("b"), w, of_kind("x", member_kind::witness)}};
  EXPECT_EQ(judge_change(two_each, {member_action::remove, "b", ""}, now).verdict,
            change_verdict::refused);
  EXPECT_EQ(judge_change(two_each, {member_action::remove, "w", ""}, now).verdict,
            change_verdict::proposes);
  const configuration last_pair{{1}, {voter("a"), voter("b"), w}};
  EXPECT_EQ(judge_change(last_pair, {member_action::remove, "b", ""}, now).verdict,
            change_verdict::proposes);
}

TEST(JudgeChange, AWitnessDoesNotStayAlone) {
  const configuration now{{1}, {voter("b"), of_kind("w", member_kind::witness)}};
  const auto judged = judge_change(now, {member_action::remove, "b", ""}, all_is_well());
  EXPECT_EQ(judged.verdict, change_verdict::refused);
  EXPECT_TRUE(contains(judged.text, "last voter")) << judged.text;
}

TEST(Configuration, ComesBackFromASnapshotAsItWas) {
  configuration with_address{{7},
                             {voter("a"), {node_id_of("d"), "d", "host:1", member_kind::learner}}};
  std::string bytes;
  with_address.save(bytes);
  configuration read;
  ASSERT_TRUE(read.load(bytes));
  EXPECT_EQ(read.index(), log_index{7});
  EXPECT_EQ(read.members(), with_address.members());
  EXPECT_EQ(read.voters(), 1u);
}

TEST(Configuration, RefusesBytesThatAreNone) {
  std::string bytes;
  abc_and_learner_d().save(bytes);
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_FALSE(configuration{}.load(std::string_view{bytes}.substr(0, length))) << length;
  EXPECT_FALSE(configuration{}.load(bytes + "x"));
  auto many = bytes;
  many[10] = '\x7f';  // of the count
  EXPECT_FALSE(configuration{}.load(many));
}

TEST(Membership, IsInForceFromTheEntryOnAndUndoneWhenThatIsCut) {
  membership members;
  members.begin_with(abc(0));
  members.take(abc(1));
  members.take(abc_and_learner_d(4));
  EXPECT_EQ(members.now().members().size(), 4u);
  EXPECT_EQ(members.at({3}).members().size(), 3u);
  EXPECT_FALSE(members.cut_after({4}));
  EXPECT_TRUE(members.cut_after({3}));
  EXPECT_EQ(members.now().members().size(), 3u);
  EXPECT_EQ(members.now().index(), log_index{1});
  EXPECT_TRUE(members.cut_after({0}));
  EXPECT_EQ(members.now().index(), log_index{0}) << "the founders again";
}

TEST(Membership, OfTheLogOverridesTheConfigurationFile) {
  membership members;
  members.take(abc(1));
  members.begin_with({{}, {voter("x")}});
  EXPECT_EQ(members.now().voters(), 3u);
  members.committed({1});
  members.begin_with({{}, {voter("x")}});
  EXPECT_EQ(members.now().voters(), 3u);
}

TEST(Membership, KeepsWhatMayComeBack) {
  membership members;
  members.begin_with(abc(0));
  members.take(abc(1));
  members.take(abc_and_learner_d(4));
  members.committed({3});
  EXPECT_EQ(members.at({3}).index(), log_index{1});
  EXPECT_TRUE(members.cut_after({3}));
  EXPECT_EQ(members.now().index(), log_index{1});
}

TEST(Membership, ASnapshotReplacesIt) {
  membership members;
  members.begin_with(abc(0));
  members.take(abc(1));
  members.restore(abc_and_learner_d(40));
  EXPECT_EQ(members.now().index(), log_index{40});
  EXPECT_FALSE(members.cut_after({40}));
}

// Thesis 4.2.2: who is removed may be the only one that has the entry.
TEST(Membership, TheRemovedOneStandsUntilItsRemovalIsCommitted) {
  membership members;
  members.begin_with(abc(0));
  members.take(abc(1));
  members.take({{6}, {voter("a"), voter("b")}});
  EXPECT_TRUE(members.may_stand(node_id_of("c"), {5}));
  EXPECT_FALSE(members.may_stand(node_id_of("c"), {6}));
  EXPECT_FALSE(members.may_stand(node_id_of("d"), {5}));
  EXPECT_TRUE(members.may_stand(node_id_of("a"), {6}));
}

TEST(Membership, ALearnerNeverStands) {
  membership members;
  members.take(abc_and_learner_d(4));
  EXPECT_FALSE(members.may_stand(node_id_of("d"), {}));
}

TEST(MemberChange, AddsAsLearner) {
  const auto judged = judge_change(abc(), {member_action::add, "d", "host:1"}, all_is_well());
  EXPECT_EQ(judged.verdict, change_verdict::proposes);
  const configuration next{{10}, judged.next};
  EXPECT_EQ(next.voters(), 3u);
  ASSERT_NE(next.find(node_id_of("d")), nullptr);
  EXPECT_EQ(next.find(node_id_of("d"))->address, "host:1");
}

// Ongaro's correction of 2015: else two leaders may each change the same configuration.
TEST(MemberChange, WaitsForAnEntryOfTheLeadersOwnEpoch) {
  auto now = all_is_well();
  now.own_epoch_committed = false;
  EXPECT_EQ(judge_change(abc(), {member_action::add, "d", ""}, now).verdict, change_verdict::later);
  EXPECT_EQ(judge_change(abc(), {member_action::remove, "a", ""}, now).verdict,
            change_verdict::later);
}

TEST(MemberChange, WaitsForTheOneBeforeIt) {
  auto now = all_is_well();
  now.commit = {3};
  EXPECT_EQ(judge_change(abc_and_learner_d(4), {member_action::promote, "d", ""}, now).verdict,
            change_verdict::later);
  now.commit = {4};
  EXPECT_EQ(judge_change(abc_and_learner_d(4), {member_action::promote, "d", ""}, now).verdict,
            change_verdict::proposes);
}

TEST(MemberChange, IsDoneOnceHoweverOftenItIsAskedFor) {
  const auto now = all_is_well();
  EXPECT_EQ(judge_change(abc_and_learner_d(), {member_action::add, "d", ""}, now).verdict,
            change_verdict::already);
  EXPECT_EQ(judge_change(abc(), {member_action::promote, "b", ""}, now).verdict,
            change_verdict::already);
  EXPECT_EQ(judge_change(abc(), {member_action::remove, "d", ""}, now).verdict,
            change_verdict::already);
}

TEST(MemberChange, OfAnAddressIsRefused) {
  const configuration with{{2},
                           {voter("a"), {node_id_of("d"), "d", "host:1", member_kind::learner}}};
  EXPECT_EQ(judge_change(with, {member_action::add, "d", "host:2"}, all_is_well()).verdict,
            change_verdict::refused);
  EXPECT_EQ(judge_change(with, {member_action::add, "d", "host:1"}, all_is_well()).verdict,
            change_verdict::already);
}

TEST(MemberChange, NeedsAnAddress) {
  auto now = all_is_well();
  now.knows_address = false;
  const auto judged = judge_change(abc(), {member_action::add, "d", ""}, now);
  EXPECT_EQ(judged.verdict, change_verdict::refused);
  EXPECT_TRUE(contains(judged.text, "--address")) << judged.text;
}

TEST(MemberChange, PromotesOnlyWhoHasCaughtUp) {
  auto now = all_is_well();
  const member_change promote{member_action::promote, "d", ""};
  EXPECT_EQ(judge_change(abc(), promote, now).verdict, change_verdict::refused) << "no member";
  at(now, "d").lag = 1500ms;
  auto judged = judge_change(abc_and_learner_d(), promote, now);
  EXPECT_EQ(judged.verdict, change_verdict::refused);
  EXPECT_TRUE(contains(judged.text, "1500 ms")) << judged.text;
  at(now, "d").lag = 1s;
  judged = judge_change(abc_and_learner_d(), promote, now);
  EXPECT_EQ(judged.verdict, change_verdict::proposes);
  EXPECT_EQ((configuration{{10}, judged.next}.voters()), 4u);
  at(now, "d").recovering = true;
  EXPECT_EQ(judge_change(abc_and_learner_d(), promote, now).verdict, change_verdict::refused);
  at(now, "d").recovering = false;
  at(now, "d").heard = false;
  EXPECT_EQ(judge_change(abc_and_learner_d(), promote, now).verdict, change_verdict::refused);
}

TEST(MemberChange, RemovesADeadOneButNotTheMajority) {
  auto now = all_is_well();
  at(now, "c").heard = false;
  auto judged = judge_change(abc(), {member_action::remove, "c", ""}, now);
  EXPECT_EQ(judged.verdict, change_verdict::proposes);
  EXPECT_EQ((configuration{{10}, judged.next}.voters()), 2u);
  judged = judge_change(abc(), {member_action::remove, "b", ""}, now);
  EXPECT_EQ(judged.verdict, change_verdict::refused) << "a alone of {a, c} would be left";
  EXPECT_EQ(judge_change(abc_and_learner_d(), {member_action::remove, "d", ""}, now).verdict,
            change_verdict::proposes)
      << "a learner is never needed";
}

TEST(MemberChange, TheLeaderHandsOverBeforeItIsRemoved) {
  EXPECT_EQ(judge_change(abc(), {member_action::remove, "a", ""}, all_is_well()).verdict,
            change_verdict::hands_over);
  const configuration alone{{4}, {voter("a"), learner("d")}};
  EXPECT_EQ(judge_change(alone, {member_action::remove, "a", ""}, all_is_well()).verdict,
            change_verdict::refused);
}

// Of those that would be left, one has priority 0 and one keeps no records.
TEST(MemberChange, LeavesOneThatMayLead) {
  const configuration with{
      {4}, {voter("a"), voter("b"), voter("c"), of_kind("w", member_kind::witness)}};
  auto now = all_is_well();
  now.others.push_back({node_id_of("w"), true, false, {}});
  now.never_lead = {node_id_of("c")};
  const auto judged = judge_change(with, {member_action::remove, "b", ""}, now);
  EXPECT_EQ(judged.verdict, change_verdict::proposes) << "a is left: " << judged.text;
  now.never_lead = {node_id_of("b"), node_id_of("c")};
  const auto last = judge_change(with, {member_action::remove, "a", ""}, now);
  EXPECT_EQ(last.verdict, change_verdict::refused);
  EXPECT_EQ(last.text,
            "a is the last voter that may lead: the others have priority 0 or keep no records");
  EXPECT_EQ(judge_change(with, {member_action::remove, "c", ""}, now).verdict,
            change_verdict::proposes);
}

TEST(MemberChange, HasBounds) {
  EXPECT_EQ(judge_change(abc(), {member_action::add, "", ""}, all_is_well()).verdict,
            change_verdict::refused);
  EXPECT_EQ(
      judge_change(abc(), {member_action::add, std::string(300, 'x'), ""}, all_is_well()).verdict,
      change_verdict::refused);
  std::vector<group_member> many;
  for (std::size_t i = 0; i < members_max; ++i) many.push_back(voter("n" + std::to_string(i)));
  EXPECT_EQ(judge_change({{1}, many}, {member_action::add, "d", ""}, all_is_well()).verdict,
            change_verdict::refused);
}

}  // namespace
}  // namespace us
