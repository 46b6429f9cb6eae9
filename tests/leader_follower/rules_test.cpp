// The rules of leader-follower replication as golden tables. Raft 5.2-5.4, thesis 9.6.
#include "actors/leader_follower/progress.hpp"
#include "actors/leader_follower/roles.hpp"
#include "actors/leader_follower/rules.hpp"
#include "tests/leader_follower/fake_log.hpp"

#include <gtest/gtest.h>

namespace us::rules {
namespace {

constexpr node_id a{1}, b{2}, c{3};

ballot asks(node_id candidate, std::uint64_t epoch, std::uint64_t last_epoch, std::uint64_t last) {
  return {{epoch}, candidate, {{last_epoch}, {last}}};
}

TEST(Vote, IsGrantedOncePerEpoch) {
  EXPECT_TRUE(grants_vote({{3}, {}}, {{2}, {5}}, asks(a, 3, 2, 5)));
  EXPECT_FALSE(grants_vote({{3}, b}, {{2}, {5}}, asks(a, 3, 2, 5)));
  EXPECT_TRUE(grants_vote({{3}, b}, {{2}, {5}}, asks(b, 3, 2, 5)))
      << "the same candidate asks again";
  EXPECT_TRUE(grants_vote({{3}, b}, {{2}, {5}}, asks(a, 4, 2, 5)))
      << "a newer epoch has its own vote";
}

TEST(Vote, IsRefusedToAnOlderEpoch) {
  EXPECT_FALSE(grants_vote({{3}, {}}, {{2}, {5}}, asks(a, 2, 2, 9)));
}

TEST(Vote, IsRefusedToALogThatIsBehind) {
  EXPECT_FALSE(grants_vote({{3}, {}}, {{2}, {5}}, asks(a, 4, 2, 4))) << "shorter";
  EXPECT_FALSE(grants_vote({{3}, {}}, {{2}, {5}}, asks(a, 4, 1, 99)))
      << "longer, but of an older epoch";
  EXPECT_TRUE(grants_vote({{3}, {}}, {{2}, {5}}, asks(a, 4, 3, 1)))
      << "shorter, but of a newer epoch";
}

TEST(PreVote, IsRefusedWhileALeaderIsHeard) {
  EXPECT_FALSE(grants_pre_vote({3}, {{2}, {5}}, true, asks(a, 4, 2, 5)));
  EXPECT_TRUE(grants_pre_vote({3}, {{2}, {5}}, false, asks(a, 4, 2, 5)));
  EXPECT_FALSE(grants_pre_vote({4}, {{2}, {5}}, false, asks(a, 4, 2, 5)))
      << "that epoch is not new";
  EXPECT_FALSE(grants_pre_vote({3}, {{2}, {5}}, false, asks(a, 4, 2, 4))) << "its log is behind";
}

TEST(ElectionPatience, DoublesWithEpochsThatNobodyLed) {
  EXPECT_EQ(rules::election_patience({5}, {5}), 1u);
  EXPECT_EQ(rules::election_patience({6}, {5}), 1u) << "the first election after a leader";
  EXPECT_EQ(rules::election_patience({7}, {5}), 2u);
  EXPECT_EQ(rules::election_patience({8}, {5}), 4u);
  EXPECT_EQ(rules::election_patience({500}, {5}), 8u);
  EXPECT_EQ(rules::election_patience({4}, {5}), 1u);
}

TEST(Tally, CountsEveryVoterOnce) {
  tally votes{{a, b, c, node_id_of("d"), node_id_of("e")}};
  EXPECT_FALSE(votes.grant(node_id_of("f"))) << "it is no voter";
  EXPECT_FALSE(votes.grant(a));
  EXPECT_FALSE(votes.grant(b));
  EXPECT_FALSE(votes.grant(b));
  EXPECT_TRUE(votes.grant(c));
  EXPECT_TRUE(tally{std::vector{a}}.grant(a));
}

// Of three, two may have held what the third lacks: two sure ones, or all.
TEST(Tally, NeedsAMajorityOfSureVotersOrAll) {
  tally three{{a, b, c}};
  EXPECT_FALSE(three.grant(a));
  EXPECT_FALSE(three.grant(b, false)) << "what a and c committed b may lack; and what b and c did";
  EXPECT_FALSE(three.sure_enough());
  EXPECT_TRUE(three.grant(c, false)) << "nobody has more than one of these";
  EXPECT_FALSE(three.sure_enough());
  tally sure{{a, b, c}};
  EXPECT_FALSE(sure.grant(b, false));
  EXPECT_FALSE(sure.grant(a));
  EXPECT_TRUE(sure.grant(c));
  EXPECT_TRUE(sure.sure_enough());
  tally four{{a, b, c, node_id_of("d")}};
  EXPECT_FALSE(four.grant(a));
  EXPECT_FALSE(four.grant(b));
  EXPECT_FALSE(four.grant(c, false)) << "c and d may have been in a majority of three, without d";
  EXPECT_TRUE(four.grant(node_id_of("d")));
  EXPECT_TRUE(four.sure_enough());
}

TEST(LogMatching, AcceptsWhatFollowsAnEntryOfTheSameEpoch) {
  test::fake_log log{{1, 1, 2}};
  EXPECT_TRUE(match_previous(log, {3}, {2}, {0}).accepted);
  EXPECT_TRUE(match_previous(log, {2}, {1}, {0}).accepted);
  EXPECT_TRUE(match_previous(log, {0}, {0}, {0}).accepted) << "the beginning matches every log";
}

TEST(LogMatching, RefusesAGapAndNamesItsOwnEnd) {
  test::fake_log log{{1, 1, 2}};
  const auto verdict = match_previous(log, {7}, {2}, {0});
  EXPECT_FALSE(verdict.accepted);
  EXPECT_EQ(verdict.hint, log_index{4});
}

TEST(LogMatching, SkipsAWholeConflictingEpochButNothingCommitted) {
  test::fake_log log{{1, 1, 2, 2, 2}};
  EXPECT_EQ(match_previous(log, {5}, {3}, {0}).hint, log_index{3});
  EXPECT_EQ(match_previous(log, {5}, {3}, {3}).hint, log_index{4});
}

TEST(LogMatching, ARepeatedRequestFindsItsEntriesPresent) {
  test::fake_log log{{1, 1, 2}};
  auto entry = [](std::uint64_t index, std::uint64_t epoch) {
    return log_entry{{index}, {epoch}, nullptr};
  };
  EXPECT_EQ(already_present(log, {entry(2, 1), entry(3, 2)}), 2u);
  EXPECT_EQ(already_present(log, {entry(2, 1), entry(3, 3), entry(4, 3)}), 1u) << "conflict at 3";
  EXPECT_EQ(already_present(log, {entry(4, 2)}), 0u);
}

TEST(Commit, NeedsAMajority) {
  EXPECT_EQ(majority_match({{5}, {3}, {1}}), log_index{3});
  EXPECT_EQ(majority_match({{5}, {5}, {1}, {1}}), log_index{1}) << "half is no majority";
  EXPECT_EQ(majority_match({{9}}), log_index{9});
  EXPECT_EQ(majority_match({}), log_index{});
}

// Figure 3.7 of the thesis; logcabin #44: an entry of an earlier epoch is not committed by
// counting.
TEST(Commit, IsByCountingOnlyInTheOwnEpoch) {
  EXPECT_FALSE(may_commit({4}, {2}, epoch{2}, {4}));
  EXPECT_TRUE(may_commit({4}, {2}, epoch{4}, {4}));
  EXPECT_FALSE(may_commit({2}, {2}, epoch{4}, {4})) << "nothing new";
  EXPECT_FALSE(may_commit({9}, {2}, std::nullopt, {4}));
}

TEST(Roles, ChangeOnlyAlongTheTable) {
  const role all[] = {role::follower, role::candidate, role::leader};
  std::string table;
  for (auto from : all)
    for (auto to : all)
      if (legal(from, to)) table += to_string(from) + "->" + to_string(to) + " ";
  EXPECT_EQ(table, "follower->candidate candidate->follower candidate->leader leader->follower ");
}

TEST(Progress, ProbesUntilTheFollowerAcceptsThenPipelinesWithinTheWindow) {
  progress p;
  p.next = {5};
  EXPECT_TRUE(p.may_send(100));
  p.sent({6}, 60);
  EXPECT_FALSE(p.may_send(100)) << "probing: one at a time";
  p.acknowledged({6});
  EXPECT_EQ(p.next, log_index{7});
  p.sent({7}, 60);
  EXPECT_TRUE(p.may_send(100));
  p.sent({8}, 60);
  EXPECT_FALSE(p.may_send(100)) << "the window is full";
  p.acknowledged({7});
  EXPECT_EQ(p.inflight_bytes, 60u);
  EXPECT_TRUE(p.may_send(100));
}

TEST(Progress, GoesBackToTheHintButNeverBelowWhatIsDurableThere) {
  progress p;
  p.next = {1};
  p.acknowledged({4});
  p.sent({9}, 10);
  p.refused({2}, false);
  EXPECT_EQ(p.next, log_index{5});
  EXPECT_EQ(p.inflight_bytes, 0u);
  p.refused({99}, false);
  EXPECT_EQ(p.next, log_index{5}) << "a hint beyond what was sent does not skip entries";
  EXPECT_TRUE(p.may_send(100));
}

// Found by the mutant acknowledged_before_durable: a leader and a follower whose disk had forgotten
// entries kept each other busy without end.
TEST(Progress, DoesNotInsistOnWhatTheFollowerHadAndLacksNow) {
  progress p;
  p.acknowledged({4});
  p.refused({2}, false);
  EXPECT_FALSE(p.may_send(100));
  p.acknowledged({4});
  EXPECT_TRUE(p.may_send(100)) << "the refusal was late";
}

TEST(Progress, SendsNothingToASilentFollowerUntilItAnswers) {
  progress p;
  p.acknowledged({4});
  p.sent({9}, 10);
  p.forget_inflight();
  EXPECT_EQ(p.next, log_index{5});
  EXPECT_FALSE(p.may_send(100));
  p.acknowledged({4});
  EXPECT_TRUE(p.may_send(100));
}

}  // namespace
}  // namespace us::rules
