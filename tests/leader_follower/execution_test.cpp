// What a leader executes ahead of commit: transactions, retries, sessions. No actors.
#include "tests/leader_follower/execution_fixture.hpp"

#include <algorithm>
#include <set>

namespace us {
namespace {

TEST_F(Execution, SeesItsOwnUncommittedWrites) {
  auto session = open();
  EXPECT_EQ(text(write(session, 1, 5)), "done 5");
  EXPECT_EQ(text(read(session, 2)), "done 5");
  end_turn(false);
  EXPECT_EQ(text(read(session, 3)), "done 5");
  EXPECT_FALSE(store.state->get("x").has_value()) << "nothing is in the state before commit";
  store.commit_up_to(store.log->last_index(),
                     [&](const log_entry& e) { ahead->committed(e.index); });
  EXPECT_TRUE(store.state->get("x").has_value());
  EXPECT_EQ(text(read(session, 4)), "done 5");
}

// What is looked up are views of the entry that wrote a key last: the one before may go first.
TEST_F(Execution, AKeyWrittenInTwoEntriesOutlivesTheFirst) {
  auto session = open();
  write(session, 1, 5);
  end_turn(false);
  write(session, 2, 6);
  end_turn(false);
  EXPECT_EQ(ahead->size(), 1u);
  EXPECT_FALSE(ahead->empty());
  store.commit_up_to({1}, [&](const log_entry& e) { ahead->committed(e.index); });
  EXPECT_EQ(text(read(session, 3)), "done 6");
  EXPECT_EQ(ahead->size(), 1u);
  erase(session, 4);
  EXPECT_EQ(ahead->size(), 0u) << "it is in the state still";
  EXPECT_TRUE(ahead->empty());
  end_turn(true);
  EXPECT_EQ(ahead->size(), 0u);
  EXPECT_EQ(store.state->size(), 0u);
}

TEST_F(Execution, GatesAnAnswerOnEverythingItMayHaveSeen) {
  auto session = open();
  end_turn(false);  // entry 1
  EXPECT_EQ(read(session, 1).index, log_index{1}) << "never for nothing";
  EXPECT_EQ(write(session, 2, 5).index, log_index{2}) << "a write for its own";
  EXPECT_EQ(read(session, 3).index, log_index{2}) << "a read behind a write for that write's";
}

TEST_F(Execution, ARetryIsAnsweredAndNotExecuted) {
  auto session = open();
  EXPECT_EQ(text(write(session, 1, 5)), "done 5");
  EXPECT_EQ(text(write(session, 2, 6)), "done 6");
  EXPECT_EQ(text(write(session, 1, 5)), "done 5") << "in the same turn";
  end_turn(false);
  EXPECT_EQ(text(write(session, 1, 5)), "done 5") << "before commit";
  EXPECT_TRUE(now->empty());
  store.commit_up_to(store.log->last_index(),
                     [&](const log_entry& e) { ahead->committed(e.index); });
  EXPECT_EQ(text(write(session, 1, 5)), "done 5") << "after commit";
  EXPECT_TRUE(now->empty());
  EXPECT_EQ(text(read(session, 3)), "done 6") << "and did not undo what came after it";
}

TEST_F(Execution, ARetryIsKnownToTheNextLeaderBeforeItIsCommitted) {
  auto session = open();
  write(session, 1, 5);
  end_turn(false);
  speculation next_leader{store};
  turn next_turn{node, of, next_leader};
  EXPECT_NE(next_leader.find(session, {1}), nullptr);
  EXPECT_TRUE(next_leader.knows(session));
}

TEST_F(Execution, ForgetsRepliesThatTheClientHasAndIgnoresWhatComesLate) {
  auto session = open();
  write(session, 1, 5);
  end_turn(true);
  write(session, 2, 6, 2);  // the client has the answer to 1
  end_turn(true);
  EXPECT_EQ(store.sessions.find(session, {1}), nullptr);
  EXPECT_EQ(text(write(session, 1, 5)), "nothing") << "a duplicate from long ago";
  EXPECT_TRUE(now->empty());
}

TEST_F(Execution, RefusesAnUnknownSession) {
  EXPECT_EQ(text(write({12345}, 1, 5)),
            "rejected " + std::to_string(static_cast<int>(message::Reason::SESSION_EXPIRED)));
  EXPECT_TRUE(now->empty());
}

TEST_F(Execution, AHandlerThatThrowsChangesNothing) {
  auto session = open();
  auto gated = submit<test::Fail>(session, 1, 1, [](test::Fail::Builder f) { f.setKey("x"); });
  EXPECT_EQ(text(gated), "rejected " + std::to_string(static_cast<int>(message::Reason::FAILED)));
  EXPECT_EQ(text(read(session, 2)), "done 0");
}

// A retry of it may be under way while the client takes this answer: it must not find more to do.
TEST_F(Execution, RemembersWhatChangedNothingUnlessItOnlyReads) {
  auto session = open();
  end_turn(true);
  EXPECT_EQ(text(read(session, 1)), "done 0");
  EXPECT_TRUE(now->empty()) << "a read makes no entry";
  EXPECT_EQ(text(write_if_absent(session, 2, 5)), "done 5");
  EXPECT_EQ(text(write_if_absent(session, 3, 6)), "done 5") << "it is there already";
  end_turn(true);
  EXPECT_EQ(text(erase(session, 4)), "done 0");
  EXPECT_EQ(text(write_if_absent(session, 3, 6)), "done 5") << "the retry is answered as before";
  EXPECT_EQ(text(read(session, 5)), "done 0") << "and changed nothing";
}

// What a handler rejects, it rejects for what it saw.
TEST_F(Execution, ARejectionByAHandlerWaitsForWhatItSaw) {
  auto session = open();
  end_turn(false);
  auto gated = submit<test::Fail>(session, 1, 1, [](test::Fail::Builder f) { f.setKey("x"); });
  EXPECT_EQ(gated.index, log_index{1});
  EXPECT_TRUE(write({12345}, 1, 5).index.none())
      << "other refusals saw nothing and wait for nothing";
}

TEST_F(Execution, AFullDiskRefusesWritesAndLetsReadsGoOn) {
  auto session = open();
  write(session, 1, 5);
  end_turn(true);
  EXPECT_EQ(text(write(session, 2, 6, 1, {.disk_full = true})),
            "rejected " + std::to_string(static_cast<int>(message::Reason::DISK_FULL)));
  EXPECT_EQ(text(read(session, 3)), "done 5");
}

TEST_F(Execution, HandingOverRedirectsWhatIsNewAndAnswersRetries) {
  auto session = open();
  write(session, 1, 5);
  end_turn(true);
  EXPECT_EQ(text(write(session, 1, 5, 1, {.stopping = true})), "done 5");
  EXPECT_EQ(text(write(session, 2, 6, 1, {.stopping = true})),
            "redirected " + std::to_string(static_cast<int>(message::Reason::STOPPING)));
}

// What a request asks for goes before what the service is configured for.
TEST_F(Execution, AnswersAsTheRequestOrElseTheServiceSays) {
  const auto session = open();
  of.acknowledge.when = acknowledgement::async;
  EXPECT_EQ(write(session, 1, 5).when, acknowledgement::async);
  EXPECT_EQ(read(session, 2).when, acknowledgement::async);
  when = message::Acknowledge::QUORUM;
  EXPECT_EQ(write(session, 3, 6).when, acknowledgement::quorum);
  when = message::Acknowledge::ALL;
  EXPECT_EQ(write(session, 4, 7).when, acknowledgement::all);
  EXPECT_EQ(write(session, 4, 7).when, acknowledgement::all) << "a retry is told of the same write";
  EXPECT_EQ(read(session, 5).when, acknowledgement::quorum) << "a read writes nothing anywhere";
  const auto request = make_frame<message::OpenSession>({}, [](auto b) { b.setNonce(7); });
  opened_frame opened{request};
  EXPECT_EQ(now->open_session(opened.body<message::OpenSession>(), from, {1}, next()).when,
            acknowledgement::quorum)
      << "a lost tail must not take sessions along";
}

// For the loss journal: the request, and which of the entry's changes are its own.
TEST_F(Execution, KeepsRequestsThatMayBeAnsweredEarlyInTheirEntry) {
  const auto session = open();
  when = message::Acknowledge::QUORUM;
  write(session, 1, 5);
  when = message::Acknowledge::ASYNC;
  write(session, 2, 6);
  write_if_absent(session, 3, 7);  // it is there: nothing is changed, so nothing can be lost
  read(session, 4);
  const auto content = now->take();
  ASSERT_EQ(content.early.size(), 1u);
  const auto& kept = content.early[0];
  EXPECT_EQ(content.leader, node_id_of("a"));
  EXPECT_EQ(content.outcomes.at(kept.outcome).sequence, request_sequence{2});
  EXPECT_EQ(kept.changes_begin, 1u);
  EXPECT_EQ(kept.changes_end, 2u);
  EXPECT_EQ(kept.type, capnp::typeId<test::Write>());
  capnp::FlatArrayMessageReader body{as_words(content.body_of(kept))};
  EXPECT_EQ(body.getRoot<test::Write>().getValue(), 6u);
}

TEST_F(Execution, ARetryOfALostWriteIsExecutedOnceMore) {
  const auto session = open();
  end_turn(true);
  when = message::Acknowledge::ASYNC;
  write(session, 1, 5);
  end_turn(false);
  store.truncate_after(store.commit);  // another leader does not have it
  ahead.emplace(store);
  now.emplace(node, of, *ahead);
  EXPECT_EQ(text(read(session, 2)), "done 0");
  EXPECT_EQ(text(write(session, 1, 5)), "done 5");
  EXPECT_FALSE(now->empty()) << "it is executed";
  end_turn(true);
  EXPECT_EQ(text(write(session, 1, 5)), "done 5");
  EXPECT_TRUE(now->empty()) << "and answered from memory from then on";
}

// Retries come late, and what they find may leave in any order.
TEST(BySequence, IsTheSameInWhateverOrderTheyCome) {
  std::vector<std::uint64_t> order{1, 2, 3, 5, 8};
  do {
    by_sequence<std::string> kept;
    std::set<std::uint64_t> here;
    for (auto each : order) {
      EXPECT_EQ(kept.is_newest({each}), here.empty() || *here.rbegin() < each);
      kept.put({each}, "old");
      kept.put({each}, std::to_string(each));
      here.insert(each);
      for (std::uint64_t i = 0; i < 10; ++i) {
        const auto* found = kept.find({i});
        ASSERT_EQ(found != nullptr, here.contains(i)) << i;
        if (found != nullptr) {
          EXPECT_EQ(*found, std::to_string(i));
        }
      }
    }
    kept.erase_below({2});
    kept.erase({4});
    kept.erase({order[0]});
    kept.erase({9});
    std::vector<std::uint64_t> left;
    for (const auto& [sequence, value] : kept) left.push_back(sequence.value);
    std::vector<std::uint64_t> expected{2, 3, 5, 8};
    std::erase(expected, order[0]);
    EXPECT_EQ(left, expected);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(SessionTable, EvictsTheOneUsedLongestAgo) {
  session_table table{2};
  table.mark({1}, {1}, {1});
  table.mark({2}, {1}, {2});
  table.record({1}, {1}, "r", {3});
  table.mark({3}, {1}, {4});
  EXPECT_TRUE(table.known({1}));
  EXPECT_FALSE(table.known({2}));
  EXPECT_TRUE(table.known({3}));
}

// An entry with a mark may have been made before the session's end was known.
TEST(SessionTable, AnExpiredSessionIsNotRevivedByALaterMark) {
  session_table table{1};
  table.mark({1}, {1}, {1});
  table.record({1}, {1}, "r", {2});
  table.record({1}, {2}, "s", {2});
  table.mark({2}, {1}, {3});
  ASSERT_FALSE(table.known({1}));
  table.mark({1}, {2}, {4});
  EXPECT_FALSE(table.known({1})) << "it would not know that it has executed its request 2";
  EXPECT_EQ(table.size(), 1u);
}

TEST_F(Execution, KeepsNothingOfAnUpkeepThatThrowsOrChangesTooMuch) {
  const service::upkeep writes{std::chrono::seconds{1}, [](record_view& view) {
                                 view.put("a", "12345");
                                 view.put("b", "67890");
                               }};
  const service::upkeep throws{std::chrono::seconds{1}, [&](record_view& view) {
                                 writes.run(view);
                                 throw std::runtime_error{"not today"};
                               }};
  EXPECT_EQ(now->upkeep(throws, next(), {}), "not today");
  EXPECT_NE(now->upkeep(writes, next(), {.request_bytes = 11}), "");
  EXPECT_TRUE(now->empty());
  EXPECT_EQ(now->upkeep(writes, next(), {.request_bytes = 12}), "");
  EXPECT_EQ(ahead->size(), 2u);
}

TEST_F(Execution, TransactionsSeeClearsCountsAndSlotsAsTheyWillBe) {
  {
    transaction t{*ahead, 0};
    t.put("a", "1");
    t.put("b", "2");
    for (auto& c : t.take()) ahead->add(c, {1});
  }
  EXPECT_EQ(ahead->size(), 2u);
  transaction t{*ahead, 0};
  t.erase("a");
  EXPECT_EQ(t.size(), 1u);
  t.clear();
  EXPECT_EQ(t.size(), 0u);
  EXPECT_FALSE(t.get("b").has_value());
  t.put("c", "3");
  EXPECT_EQ(t.size(), 1u);
  std::vector<std::string> seen;
  for (std::uint32_t slot = 0; slot < state::slots; ++slot)
    t.each_in_slot(slot, [&](std::string_view key, std::string_view) { seen.emplace_back(key); });
  EXPECT_EQ(seen, std::vector<std::string>{"c"});
  for (auto& c : t.take()) ahead->add(c, {2});
  EXPECT_EQ(ahead->size(), 1u);
  EXPECT_FALSE(ahead->get("a").has_value());
}

}  // namespace
}  // namespace us
