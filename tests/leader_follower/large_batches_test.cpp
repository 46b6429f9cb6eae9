// A batch that changes or answers more than fits into an entry, or into a message.
#include "actors/leader_follower/answers.hpp"
#include "tests/leader_follower/execution_fixture.hpp"

#include <algorithm>

namespace us {
namespace {

class LargeBatches : public Execution {
 protected:
  /// One batch of writes to x, of requests 1 to `count`.
  gated_reply writes(session_id session, unsigned count, const turn_limits& limits) {
    const auto f = make_frame<message::SubmitBatch>({}, [&](message::SubmitBatch::Builder b) {
      b.setSession(session.value);
      b.setFirstOpen(1);
      b.setAcknowledge(when);
      auto requests = b.initRequests(count);
      for (unsigned i = 0; i < count; ++i) {
        requests[i].setSequence(i + 1);
        requests[i].setType(capnp::typeId<test::Write>());
        auto write = requests[i].getBody().initAs<test::Write>();
        write.setKey("x");
        write.setValue(i + 1);
      }
    });
    opened_frame opened{f};
    return now->execute(opened.body<message::SubmitBatch>(), from, {1}, next(), limits,
                        end_entry());
  }
  static std::vector<message::Outcome> outcomes(const gated_reply& gated) {
    std::vector<message::Outcome> all;
    for (const auto& part : gated.answer) {
      opened_frame opened{part};
      for (auto reply : opened.body<message::ReplyBatch>().getReplies())
        all.push_back(reply.getOutcome());
    }
    return all;
  }
};

TEST_F(LargeBatches, AreSpreadOverEntries) {
  const auto session = open();
  end_turn(true);
  const auto gated = writes(session, 5, {.entry_bytes = 100});
  EXPECT_GE(entries_ended, 2);
  EXPECT_GT(store.log->last_index(), log_index{2});
  if (!now->empty()) end_turn(false);
  EXPECT_EQ(gated.index, store.log->last_index()) << "the answers wait for the last of them";
  EXPECT_EQ(outcomes(gated), std::vector(5, message::Outcome::DONE));
  store.commit_up_to(store.log->last_index(),
                     [&](const log_entry& e) { ahead->committed(e.index); });
  EXPECT_EQ(text(read(session, 6)), "done 5");
  EXPECT_EQ(text(write(session, 2, 2)), "done 2") << "a retry";
  EXPECT_TRUE(now->empty());
}

TEST_F(LargeBatches, AreRefusedWhatGoesBeyondTheRoom) {
  const auto session = open();
  end_turn(true);
  const auto told = outcomes(writes(session, 10, {.room = 150}));
  const auto done = std::ranges::count(told, message::Outcome::DONE);
  EXPECT_GE(done, 1);
  EXPECT_LT(done, 5);
  EXPECT_EQ(std::ranges::count(told, message::Outcome::REJECTED), 10 - done);
  EXPECT_EQ(text(read(session, 11)), "done " + std::to_string(done));
}

TEST_F(LargeBatches, AreRefusedWhatComesAfterTooLongAnswers) {
  const auto session = open();
  end_turn(true);
  const auto told = outcomes(writes(session, 10, {.answers_bytes = 40}));
  EXPECT_EQ(told.front(), message::Outcome::DONE);
  EXPECT_EQ(told.back(), message::Outcome::REJECTED);
}

TEST_F(LargeBatches, ARequestThatDoesNotFitIntoAMessageIsRefusedWhole) {
  const auto session = open();
  end_turn(true);
  const auto rejected = "rejected " + std::to_string(static_cast<int>(message::Reason::FAILED));
  EXPECT_EQ(text(write(session, 1, 5, 1, {.request_bytes = 20})), rejected);
  EXPECT_TRUE(now->empty());
  EXPECT_EQ(text(read(session, 2)), "done 0");
  EXPECT_EQ(text(write(session, 1, 5)), rejected) << "its copy is refused as it was";
}

// A request that came over a link can be walked through so many times and no more; the loss
// journal's copy of it is one of them.
TEST_F(LargeBatches, ARequestWhoseMessageCannotBeCopiedAnyMoreHasChangedNothing) {
  int walks = 0;
  service walking{"walking"};
  walking.on<test::Erase, test::Register>(
      [](test::Erase::Reader) { return std::string{"x"}; },
      [&walks](record<test::Register>& r, test::Erase::Reader e, test::Register::Builder) {
        for (int i = 0; i < walks; ++i) r.edit().setValue(e.getKey().size());
      });
  of.service = std::move(walking);
  when = message::Acknowledge::ASYNC;
  const auto session = open();
  end_turn(true);
  const auto built = make_frame<message::SubmitBatch>({}, [&](message::SubmitBatch::Builder b) {
    b.setFirstOpen(1);
    b.setSession(session.value);
    b.setAcknowledge(when);
    auto requests = b.initRequests(1);
    requests[0].setSequence(1);
    requests[0].setType(capnp::typeId<test::Erase>());
    requests[0].getBody().initAs<test::Erase>().setKey(std::string(64u << 10, 'k').c_str());
  });
  bool refused = false;
  for (walks = 1; walks < 40 && !refused; ++walks) {
    frame over_a_link;
    ASSERT_EQ(frame::decode(built.payload(), {}, over_a_link), frame_error::none);
    ahead.emplace(store);
    now.emplace(node, of, *ahead);
    opened_frame opened{over_a_link};
    const auto gated =
        now->execute(opened.body<message::SubmitBatch>(), from, {1}, next(), {}, end_entry());
    refused = outcomes(gated).at(0) != message::Outcome::DONE;
    EXPECT_EQ(now->empty(), refused) << walks;
  }
  EXPECT_TRUE(refused);
}

TEST(Answers, GoIntoSeveralMessagesIfTheyAreLongAndRefusalsIntoTheFirst) {
  std::vector<request_answer> answers;
  for (std::uint64_t i = 1; i <= 9; ++i) {
    request_answer each;
    each.sequence = {i};
    each.outcome = i % 3 == 0 ? message::Outcome::REDIRECTED : message::Outcome::DONE;
    each.body = std::string(i % 3 == 0 ? 0 : 1000, 'b');
    answers.push_back(each);
  }
  const sender to{node_id_of("a"), {5}, {1}};
  const auto encode = [&](std::size_t most) {
    return encode_answers({node_id_of("b"), {9}}, to, {1}, {{7}, {3}, {}}, answers, most);
  };
  EXPECT_EQ(encode(1u << 20).size(), 1u);
  const auto parts = encode(2500);
  ASSERT_EQ(parts.size(), 3u);
  std::vector<std::uint64_t> told;
  for (const auto& part : parts) {
    opened_frame opened{part};
    const auto batch = opened.body<message::ReplyBatch>();
    EXPECT_EQ(batch.getSession(), 7u);
    for (auto reply : batch.getReplies()) {
      told.push_back(reply.getSequence());
      if (reply.getOutcome() == message::Outcome::REDIRECTED) {
        EXPECT_EQ(&part, &parts.front());
      }
    }
  }
  std::ranges::sort(told);
  EXPECT_EQ(told, (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

}  // namespace
}  // namespace us
