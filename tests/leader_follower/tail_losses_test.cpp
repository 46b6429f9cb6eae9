// What of a tail is noted before it is given up, and what a snapshot tells of it.
#include "actors/leader_follower/entry.hpp"
#include "actors/leader_follower/tail_losses.hpp"
#include "tests/support/manual_node.hpp"

#include <gtest/gtest.h>

namespace us {
namespace {

entry_content two_early_and_one_not() {
  entry_content content;
  content.changes = {{change_kind::put, "x", "1"},
                     {change_kind::put, "y", "2"},
                     {change_kind::erased, "x", {}},
                     {change_kind::put, "z", "3"}};
  content.outcomes = {{{7}, {1}, "first"}, {{7}, {2}, "second"}, {{8}, {1}, "third"}};
  content.early = {{0, 0, 1, 11, "one"}, {1, 1, 3, 12, "two"}};
  content.wall_ms = 1234;
  content.leader = node_id_of("a");
  return content;
}

TEST(TailLosses, NameRequestsThatMayHaveBeenAnsweredAndTheRestOfTheEntry) {
  test::manual_node b{"b"};
  const auto entry = encode_entry({9}, {3}, two_early_and_one_not());
  const auto losses = losses_of(entry, "lists", {3, 8}, *b.node(), "why not");
  ASSERT_EQ(losses.size(), 3u);
  EXPECT_EQ(losses[0].key, (loss_key{{3}, {9}, 0}));
  EXPECT_EQ(losses[0].kind, loss_kind::ACKNOWLEDGED);
  EXPECT_EQ(losses[0].keys, std::vector<std::string>{"x"});
  EXPECT_EQ(losses[0].type, 11u);
  EXPECT_EQ(losses[0].body, "one");
  EXPECT_EQ(losses[0].from, "a");
  EXPECT_EQ(losses[0].node, "b");
  EXPECT_EQ(losses[0].partition, (partition_id{3, 8}));
  EXPECT_EQ(losses[0].made_ms, 1234);
  EXPECT_EQ(losses[0].why, "why not");
  EXPECT_EQ(losses[1].key, (loss_key{{3}, {9}, 1}));
  EXPECT_EQ(losses[1].keys, (std::vector<std::string>{"y", "x"}));
  EXPECT_EQ(losses[1].session, session_id{7});
  EXPECT_EQ(losses[1].sequence, request_sequence{2});
  EXPECT_EQ(losses[2].key, (loss_key{{3}, {9}, rest_of_entry}));
  EXPECT_EQ(losses[2].kind, loss_kind::UNACKNOWLEDGED);
  EXPECT_EQ(losses[2].keys, std::vector<std::string>{"z"});
  EXPECT_EQ(losses[2].type, 0u) << "the request is not kept";
}

TEST(TailLosses, UpkeepAndEmptyEntriesAreNone) {
  test::manual_node b{"b"};
  entry_content upkeep;
  upkeep.changes = {{change_kind::erased, "expired", {}}};
  EXPECT_TRUE(losses_of(encode_entry({9}, {3}, upkeep), "lists", {3, 8}, *b.node(), "").empty());
  EXPECT_TRUE(losses_of(encode_entry({9}, {3}, {}), "lists", {3, 8}, *b.node(), "").empty());
}

TEST(TailLosses, PlacesThatNoEntryOfOursHasAreNotFollowed) {
  test::manual_node b{"b"};
  entry_content content;
  content.changes = {{change_kind::put, "x", "1"}};
  content.outcomes = {{{7}, {1}, "first"}};
  content.early = {{5, 0, 1, 11, "one"}, {0, 0, 99, 11, "one"}, {0, 1, 0, 11, "one"}};
  const auto losses = losses_of(encode_entry({9}, {3}, content), "lists", {3, 8}, *b.node(), "");
  ASSERT_EQ(losses.size(), 1u);
  EXPECT_EQ(losses[0].kind, loss_kind::UNACKNOWLEDGED);
}

class BySnapshot : public testing::Test {
 protected:
  BySnapshot() {
    for (std::uint64_t i = 1; i <= 4; ++i) history.note({1}, {i});
    for (std::uint64_t i = 5; i <= 8; ++i) history.note({3}, {i});
    sessions.mark({7}, {1}, {2});
    sessions.record({7}, {2}, "reply", {6});
    sessions.mark({8}, {1}, {3});
    sessions.mark({8}, {5}, {7});
  }
  loss_state judge(std::uint64_t epoch, std::uint64_t index, std::uint64_t session,
                   std::uint64_t sequence) {
    return rules::judge_by_snapshot({{epoch}, {index}, 0}, {session}, {sequence}, {8}, history,
                                    sessions);
  }
  epoch_history history;
  session_table sessions;
};

TEST_F(BySnapshot, TellsWhatSurvivedByEpochs) {
  EXPECT_EQ(judge(1, 4, 7, 1), loss_state::SURVIVED);
  EXPECT_EQ(judge(2, 5, 7, 1), loss_state::LOST);
  EXPECT_EQ(judge(2, 9, 7, 1), loss_state::LOST) << "behind its end, and not executed since";
}

TEST_F(BySnapshot, DoesNotTellWhetherARetryHadAnEffect) {
  EXPECT_EQ(judge(2, 5, 7, 2), loss_state::UNCERTAIN);
}

TEST_F(BySnapshot, DoesNotGuessWhereRepliesAreForgotten) {
  EXPECT_EQ(judge(2, 5, 8, 4), loss_state::UNCERTAIN);
  EXPECT_EQ(judge(2, 5, 8, 5), loss_state::LOST);
  EXPECT_EQ(judge(2, 5, 9, 1), loss_state::UNCERTAIN) << "the session is gone";
}

TEST_F(BySnapshot, WithoutEpochsIsUncertain) {
  history = epoch_history{};
  EXPECT_EQ(judge(2, 5, 7, 1), loss_state::UNCERTAIN);
  EXPECT_EQ(judge(2, 5, 0, 0), loss_state::UNCERTAIN);
}

TEST(EpochHistory, IsTheSameOnceSavedAndForgetsTheOldest) {
  epoch_history history{2};
  for (std::uint64_t i = 1; i <= 9; ++i) history.note({1 + i / 4}, {i});
  EXPECT_EQ(history.at({3}), std::nullopt);
  std::string saved;
  history.save(saved);
  epoch_history loaded;
  ASSERT_TRUE(loaded.load(saved));
  EXPECT_EQ(loaded.at({4}), us::epoch{2});
  EXPECT_EQ(loaded.at({7}), us::epoch{2});
  EXPECT_EQ(loaded.at({9}), us::epoch{3});
  EXPECT_EQ(loaded.at({10}), std::nullopt);
  EXPECT_FALSE(loaded.load(std::string_view{saved}.substr(1)));
  EXPECT_FALSE(loaded.load(saved + saved.substr(8)));
}

}  // namespace
}  // namespace us
