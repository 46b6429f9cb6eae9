// A leader alone, told by frames what its followers answer: whom it counts.
#include "actors/leader_follower/leader.hpp"
#include "tests/leader_follower/append_service.hpp"
#include "tests/leader_follower/fake_log.hpp"
#include "tests/leader_follower/lone_role.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "messages/leader_follower.capnp.h"
#include "messages/request.capnp.h"

namespace us::test {
namespace {

/// Keeps the entries in memory, to be sent.
class kept_log final : public fake_log {
 public:
  void append(log_entry entry, log_index commit) override {
    entries_.push_back(entry);
    fake_log::append(std::move(entry), commit);
  }
  std::vector<log_entry> cached(log_index first, std::size_t) const override {
    return {entries_.begin() + static_cast<std::ptrdiff_t>(first.value - 1), entries_.end()};
  }

 private:
  std::vector<log_entry> entries_;
};

class Leader : public testing::Test {
 protected:
  explicit Leader(service what = append_service()) {
    auto log = std::make_unique<kept_log>();
    log->store_vote({{1}, at_.node()->id}, [] {});
    auto store = store_with(std::move(log));
    store_ = store.get();
    role_ = at_.system().spawn<leader_actor>(
        start_alone(at_, std::move(store), {}, {}, std::move(what)), leader);
    at_.run();
  }
  ~Leader() override {
    caf::anon_send_exit(role_, caf::exit_reason::kill);
    at_.run();
  }

  struct answer {
    std::uint64_t disk;
    std::uint64_t match = 0;
    std::uint64_t round = 0;
    bool recovering = false;
  };
  void hears(const std::string& follower, const answer& told) {
    caf::anon_send(role_, make_frame<message::AppendReply>(
                              {0, {node_id_of(follower), seat_key_}, seat_key_, {1}},
                              [&](message::AppendReply::Builder reply) {
                                reply.setMatch(told.match);
                                reply.setRound(told.round);
                                reply.setDisk(told.disk);
                                reply.setRecovering(told.recovering);
                                reply.setAsks(told.recovering);
                              }));
    at_.run();
  }
  bool admits(const std::string& follower) {
    return std::ranges::any_of(std::exchange(at_.network().sent, {}), [&](const auto& sent) {
      return sent.first == node_id_of(follower) &&
             sent.second.type() == capnp::typeId<message::Admitted>();
    });
  }
  /// Whether it has sent signs of life since the last call.
  bool leads() {
    return std::ranges::any_of(std::exchange(at_.network().sent, {}), [](const auto& sent) {
      return sent.second.type() == capnp::typeId<message::AppendRequest>();
    });
  }
  session_id open_session() {
    caf::anon_send(role_, make_frame<message::OpenSession>({0, client_, seat_key_, {}},
                                                           [](auto open) { open.setNonce(1); }));
    at_.run();
    for (const auto& follower : {"b", "c"})
      hears(follower, {.disk = 1, .match = store_->log->last_index().value});
    for (const auto& [to, f] : std::exchange(at_.network().sent, {}))
      if (f.type() == capnp::typeId<message::SessionOpened>())
        return {opened_frame{f}.body<message::SessionOpened>().getSession()};
    return {};
  }
  void submit(session_id session, std::uint64_t sequence, message::Acknowledge when) {
    caf::anon_send(role_, make_frame<message::SubmitBatch>(
                              {0, client_, seat_key_, {}}, [&](message::SubmitBatch::Builder b) {
                                b.setSession(session.value);
                                b.setFirstOpen(1);
                                b.setAcknowledge(when);
                                auto request = b.initRequests(1)[0];
                                request.setSequence(sequence);
                                request.setType(capnp::typeId<AppendOnce>());
                                request.getBody().initAs<AppendOnce>().setKey("x");
                              }));
    at_.run();
  }
  /// The entries that a follower was sent since the last call, of each request.
  std::vector<unsigned> entries_sent(const std::string& follower) {
    std::vector<unsigned> sizes;
    for (const auto& [to, f] : std::exchange(at_.network().sent, {})) {
      if (to != node_id_of(follower) || f.type() != capnp::typeId<message::AppendRequest>())
        continue;
      opened_frame opened{f};
      const auto entries = opened.body<message::AppendRequest>().getEntries().size();
      if (entries > 0) sizes.push_back(entries);
    }
    return sizes;
  }
  /// The leader's next sign of life; all that were sent carry rounds up to `newest_round`.
  void beat() { at_.advance(at_.node()->timing.leader_beat); }

  static constexpr std::uint64_t newest_round = 3;
  manual_node at_;
  replica_store* store_ = nullptr;
  const actor_key seat_key_ = lone_seat_key();
  const address client_{node_id_of("c"), actor_key_of("client")};
  caf::actor role_;
};

// What a node said before it lost its disk arrives after its first answer from the new one, and
// promises an entry that is no more: it is not admitted for that.
TEST_F(Leader, AdmitsNobodyForWhatALostDiskHad) {
  hears("b", {.disk = 1});
  hears("c", {.disk = 7, .match = 1, .round = 1});
  ASSERT_EQ(store_->commit, log_index{1});
  hears("b", {.disk = 2, .recovering = true});
  hears("b", {.disk = 1, .match = 1});
  beat();
  beat();
  hears("c", {.disk = 7, .match = 1, .round = newest_round});
  (void)admits("b");
  hears("b", {.disk = 2, .round = newest_round, .recovering = true});
  EXPECT_FALSE(admits("b")) << "it has nothing";
  hears("b", {.disk = 2, .match = 1, .round = newest_round, .recovering = true});
  EXPECT_TRUE(admits("b"));
}

// Answers that were on their way for long are no sign that a majority follows now. Found by seed 83
// of ThreeStormLeaseTransfers: a leader that was replaced stayed for as long as they came.
TEST_F(Leader, CountsAnAnswerByWhenItsQuestionWasSent) {
  const duration silence = 2 * at_.node()->timing.election_timeout_min;
  std::uint64_t round = 1;
  for (duration gone{0}; gone < 2 * silence; gone += at_.node()->timing.leader_beat) {
    hears("b", {.disk = 1, .match = 1, .round = round++});
    beat();
  }
  EXPECT_TRUE(leads()) << "they come in time";
  for (duration gone{0}; gone < 2 * silence; gone += at_.node()->timing.leader_beat) {
    hears("b", {.disk = 1, .match = 1, .round = round});
    beat();
  }
  (void)leads();
  beat();
  EXPECT_FALSE(leads());
}

TEST_F(Leader, SendsTogetherWhatNobodyWaitsForAndAtOnceWhatAClientDoes) {
  using namespace std::chrono_literals;
  using testing::ElementsAre;
  using testing::IsEmpty;
  constexpr auto async = message::Acknowledge::ASYNC;
  hears("b", {.disk = 1, .match = 1});
  hears("c", {.disk = 1, .match = 1});
  const auto session = open_session();
  ASSERT_FALSE(session.none());
  submit(session, 1, async);
  submit(session, 2, async);
  EXPECT_THAT(entries_sent("b"), IsEmpty());
  at_.advance(4ms);
  EXPECT_THAT(entries_sent("b"), ElementsAre(2u)) << "the rest of a burst";
  at_.advance(2ms);
  submit(session, 3, async);
  EXPECT_THAT(entries_sent("b"), ElementsAre(1u)) << "a single one waits for nothing";
  submit(session, 4, async);
  EXPECT_THAT(entries_sent("b"), IsEmpty());
  submit(session, 5, message::Acknowledge::QUORUM);
  EXPECT_THAT(entries_sent("b"), ElementsAre(2u)) << "takes along what goes before it";
  submit(session, 6, async);
  EXPECT_THAT(entries_sent("b"), ElementsAre(1u)) << "a client waits";
  for (const auto& follower : {"b", "c"}) hears(follower, {.disk = 1, .match = 8});
  submit(session, 7, async);
  at_.advance(2ms);
  submit(session, 8, async);
  EXPECT_THAT(entries_sent("b"), ElementsAre(2u)) << "a later turn is as good as a timer";
}

TEST_F(Leader, GathersWhatComesUntilWhatIsOnItsWayIsCommitted) {
  using namespace std::chrono_literals;
  using testing::ElementsAre;
  using testing::IsEmpty;
  constexpr auto quorum = message::Acknowledge::QUORUM;
  hears("b", {.disk = 1, .match = 1});
  hears("c", {.disk = 1, .match = 1});
  const auto session = open_session();
  ASSERT_FALSE(session.none());
  submit(session, 1, quorum);
  EXPECT_THAT(entries_sent("b"), ElementsAre(1u)) << "nothing is on its way";
  submit(session, 2, quorum);
  submit(session, 3, quorum);
  EXPECT_THAT(entries_sent("b"), IsEmpty());
  hears("c", {.disk = 1, .match = 3});
  EXPECT_THAT(entries_sent("c"), ElementsAre(1u)) << "both in one";
  submit(session, 4, quorum);
  at_.advance(1ms);
  EXPECT_THAT(entries_sent("c"), IsEmpty());
  at_.advance(1ms);
  EXPECT_THAT(entries_sent("c"), ElementsAre(1u)) << "nobody has answered for long";
  submit(session, 5, quorum);
  EXPECT_THAT(entries_sent("c"), IsEmpty());
  hears("c", {.disk = 1, .match = 4});
  EXPECT_THAT(entries_sent("c"), IsEmpty()) << "one of the two is on its way still";
  hears("c", {.disk = 1, .match = 5});
  EXPECT_THAT(entries_sent("c"), ElementsAre(1u));
  EXPECT_EQ(store_->log->last_index().value, 6u);
}

// It was restored from a snapshot that may have seen a part of entries that are not applied yet.
TEST_F(Leader, AnswersALocalReadOnceItsStateIsExact) {
  store_->complete = store_->log->last_index();
  ASSERT_LT(store_->applied, store_->complete);
  at_.network().sent.clear();
  caf::anon_send(role_, make_frame<message::SubmitBatch>({0, client_, seat_key_, {}},
                                                         [](message::SubmitBatch::Builder b) {
                                                           b.setReads(message::Reads::LOCAL);
                                                           b.initRequests(1)[0].setSequence(1);
                                                         }));
  at_.run();
  const auto answered = [&] {
    return std::ranges::any_of(at_.network().sent, [](const auto& sent) {
      return sent.second.type() == capnp::typeId<message::ReplyBatch>();
    });
  };
  EXPECT_FALSE(answered());
  std::uint64_t round = 0;  // the newest sign of life that asks who still follows
  for (const auto& [to, f] : at_.network().sent) {
    if (f.type() != capnp::typeId<message::AppendRequest>()) continue;
    opened_frame opened{f};
    round = std::max(round, opened.body<message::AppendRequest>().getRound());
  }
  hears("b", {.disk = 1, .match = store_->complete.value, .round = round});
  EXPECT_TRUE(answered());
}

service failing_upkeep() {
  service s{"lists"};
  s.every(std::chrono::milliseconds{10}, [](records<Register>& all) {
    all["x"].edit().setValue(1);
    throw std::runtime_error{"not today"};
  });
  return s;
}

class LeaderWithFailingUpkeep : public Leader {
 protected:
  LeaderWithFailingUpkeep() : Leader(failing_upkeep()) {}
};

TEST_F(LeaderWithFailingUpkeep, SaysSoOnceAndLeadsOn) {
  const auto last = store_->log->last_index();
  at_.advance(std::chrono::milliseconds{35});
  const auto said = at_.log().of(severity::error);
  ASSERT_EQ(said.size(), 1u) << "of three times for the same reason";
  EXPECT_NE(said[0].what.find("not today"), std::string::npos) << said[0].what;
  EXPECT_EQ(store_->log->last_index(), last);
  EXPECT_TRUE(leads());
}

}  // namespace
}  // namespace us::test
