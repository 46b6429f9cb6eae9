// What of a tail is noted before it is given up, and what a snapshot tells of it.
#include "actors/leader_follower/entry.hpp"
#include "actors/leader_follower/repeated_bytes.hpp"
#include "actors/leader_follower/tail_losses.hpp"
#include "tests/support/manual_node.hpp"

#include <gtest/gtest.h>

namespace us {
namespace {

void set_early(entry_content& content,
               const std::vector<std::pair<early_request, std::string>>& requests) {
  content.early.clear();
  content.bodies.clear();
  for (auto [request, body] : requests) {
    request.body_begin = content.bodies.size();
    content.bodies += body;
    request.body_end = content.bodies.size();
    content.early.push_back(request);
  }
}

entry_content two_early_and_one_not() {
  entry_content content;
  content.changes = {{change_kind::put, "x", "1"},
                     {change_kind::put, "y", "2"},
                     {change_kind::erased, "x", {}},
                     {change_kind::put, "z", "3"}};
  content.outcomes = {{{7}, {1}, "first"}, {{7}, {2}, "second"}, {{8}, {1}, "third"}};
  set_early(content, {{{0, 0, 1, 11}, "one"}, {{1, 1, 3, 12}, "two"}});
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
  set_early(content, {{{5, 0, 1, 11}, "one"}, {{0, 0, 99, 11}, "one"}, {{0, 1, 0, 11}, "one"}});
  const auto losses = losses_of(encode_entry({9}, {3}, content), "lists", {3, 8}, *b.node(), "");
  ASSERT_EQ(losses.size(), 1u);
  EXPECT_EQ(losses[0].kind, loss_kind::UNACKNOWLEDGED);
}

/// Words of 8 bytes, each of one letter: `first`, and as many later ones as `step` says.
std::string words(std::size_t count, char first, std::size_t step = 1) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text.append(8, static_cast<char>(first + i * step));
  return text;
}

TEST(TailLosses, TheRequestComesBackWholeWhateverOfItItsChangeRepeats) {
  test::manual_node b{"b"};
  const auto payload = words(20, 'a');
  const struct {
    std::string request, record;
    std::size_t shared;
  } cases[] = {
      {"12345678" + payload, "abcdefghABCDEFGH" + payload, 160},       // at both ends
      {"12345678" + payload + "87654321", "abcdefgh" + payload, 160},  // in the middle
      {payload, payload, 160},                                         // all of it
      {words(20, 'x', 0) + "end.....", words(12, 'x', 0), 64},         // one of many places
      {words(3, 'a'), words(3, 'a'), 0},                               // too little
      {payload + "odd", payload + "odd", 0},                           // no words
      {words(20, 'A'), payload, 0},                                    // nothing
      {"", payload, 0},
  };
  for (const auto& each : cases) {
    const auto same = find_repeated(each.request, each.record);
    EXPECT_GE(same.size, each.shared);
    if (each.shared == 0) {
      EXPECT_EQ(same.size, 0u);
    }
    entry_content content;
    content.changes = {{change_kind::erased, "x", {}}, {change_kind::put, "y", each.record}};
    content.outcomes = {{{7}, {1}, "first"}};
    set_early(content, {{{0, 1, 2, 11}, each.request}});
    const auto entry = encode_entry({9}, {3}, content);
    if (same.size > 0) {
      EXPECT_LT(entry.bytes->size(), 264 + each.request.size() + each.record.size() - same.size);
    }
    const auto losses = losses_of(entry, "lists", {3, 8}, *b.node(), "");
    ASSERT_EQ(losses.size(), 1u);
    EXPECT_EQ(losses[0].kind, loss_kind::ACKNOWLEDGED);
    EXPECT_EQ(losses[0].body, each.request);
  }
}

TEST(TailLosses, WhatIsSaidToBeRepeatedIsCheckedBeforeItIsRead) {
  capnp::MallocMessageBuilder message;
  auto entry = message.initRoot<message::LogEntry>();
  auto changes = entry.initChanges(2);
  changes[0].setErased();
  const kj::byte value[16] = {};
  changes[1].setValue({value, sizeof value});
  auto early = entry.initEarly(1)[0];
  const auto body = [&](std::uint32_t at, std::uint32_t size, std::uint32_t change,
                        std::uint32_t from) {
    early.setRepeatedAt(at);
    early.setRepeatedSize(size);
    early.setRepeatedChange(change);
    early.setRepeatedFrom(from);
    return body_of(early.asReader(), entry.asReader().getChanges());
  };
  EXPECT_EQ(body(0, 16, 1, 0), std::string(16, '\0'));
  EXPECT_FALSE(body(1, 16, 1, 0)) << "beyond the body";
  EXPECT_FALSE(body(0, 16, 2, 0)) << "no such change";
  EXPECT_FALSE(body(0, 16, 0, 0)) << "one without a value";
  EXPECT_FALSE(body(0, 16, 1, 1)) << "beyond its value";
  EXPECT_FALSE(body(0, UINT32_MAX, 1, UINT32_MAX));
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
