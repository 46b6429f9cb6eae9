// A leader alone, told by frames what its followers answer: whom it counts.
#include "actors/leader_follower/leader.hpp"
#include "tests/leader_follower/fake_log.hpp"
#include "tests/leader_follower/lone_role.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "messages/leader_follower.capnp.h"

namespace us::test {
namespace {

class Leader : public testing::Test {
 protected:
  Leader() {
    auto log = std::make_unique<fake_log>();
    log->store_vote({{1}, at_.node()->id}, [] {});
    auto store = store_with(std::move(log));
    store_ = store.get();
    role_ = at_.system().spawn<leader_actor>(start_alone(at_, std::move(store)), leader);
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
  /// The leader's next sign of life; all that were sent carry rounds up to `newest_round`.
  void beat() { at_.advance(at_.node()->timing.leader_beat); }

  static constexpr std::uint64_t newest_round = 3;
  manual_node at_;
  replica_store* store_ = nullptr;
  const actor_key seat_key_ = lone_seat_key();
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

}  // namespace
}  // namespace us::test
