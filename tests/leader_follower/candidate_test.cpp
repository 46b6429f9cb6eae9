// A candidate alone, told what to do by frames.
#include "actors/leader_follower/candidate.hpp"
#include "tests/leader_follower/fake_log.hpp"
#include "tests/leader_follower/lone_role.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "messages/leader_follower.capnp.h"

namespace us::test {
namespace {

caf::behavior listen_to_role(caf::event_based_actor*, const std::shared_ptr<retired>& kept) {
  return {[kept](const retired& last) { *kept = last; }, [](const leads&) {}};
}

// A voter of epoch 5 refuses one of epoch 0 for its epoch: as long as that stays behind, nobody
// wins when the voter's own log is the shorter one. Found by seed 5 of the sweep ThreeLoseDisks.
TEST(Candidate, TakesOverTheNewerEpochForWhichItIsRefused) {
  manual_node at;
  auto store = store_with(std::make_unique<fake_log>());
  const auto* log = store->log.get();
  auto kept = std::make_shared<retired>();
  auto seat = at.system().spawn(listen_to_role, kept);
  auto role =
      at.system().spawn<candidate_actor>(start_alone(at, std::move(store), seat), candidate);
  at.run();
  caf::anon_send(role, make_frame<message::VoteReply>(
                           {0, {node_id_of("b"), lone_seat_key()}, lone_seat_key(), {5}},
                           [](message::VoteReply::Builder reply) {
                             reply.setForEpoch(1);
                             reply.setPreVote(true);
                           }));
  at.run();
  EXPECT_EQ(kept->next, us::role::follower);
  EXPECT_EQ(log->vote().epoch, epoch{5});
  EXPECT_TRUE(log->vote().candidate.none()) << "no vote is cast in it yet";
  caf::anon_send_exit(seat, caf::exit_reason::kill);
  at.run();
}

/// One flag of the vote requests that were sent since this was called last.
std::vector<bool> of_vote_requests(manual_node& at,
                                   const std::function<bool(message::VoteRequest::Reader)>& flag) {
  std::vector<bool> flags;
  for (auto& [to, f] : std::exchange(at.network().sent, {})) {
    if (f.type() != capnp::typeId<message::VoteRequest>()) continue;
    opened_frame opened{f};
    flags.push_back(flag(opened.body<message::VoteRequest>()));
  }
  return flags;
}

/// Its disk is as slow as the test wants.
class slow_vote_log final : public fake_log {
 public:
  void store_vote(us::vote v, std::function<void()> then) override {
    fake_log::store_vote(v, [] {});
    waiting.push_back(std::move(then));
  }
  std::vector<std::function<void()>> waiting;
};

// Votes of a thousand groups wait behind each other's syncs: whoever stood again before its own was
// durable made them wait for longer.
TEST(Candidate, DoesNotStandAgainBeforeItsOwnVoteIsDurable) {
  manual_node at;
  auto log = std::make_unique<slow_vote_log>();
  auto& disk = *log;
  auto role =
      at.system().spawn<candidate_actor>(start_alone(at, store_with(std::move(log))), candidate);
  at.run();
  const auto asked = [&] {
    return of_vote_requests(at, [](auto request) { return request.getPreVote(); });
  };
  EXPECT_FALSE(asked().empty());
  caf::anon_send(role, make_frame<message::VoteReply>(
                           {0, {node_id_of("b"), lone_seat_key()}, lone_seat_key(), {}},
                           [](message::VoteReply::Builder reply) {
                             reply.setForEpoch(1);
                             reply.setPreVote(true);
                             reply.setGranted(true);
                           }));
  at.run();
  ASSERT_EQ(disk.waiting.size(), 1u);
  at.advance(20 * at.node()->timing.election_timeout_min);
  EXPECT_TRUE(asked().empty());
  EXPECT_EQ(disk.vote().epoch, epoch{1});
  disk.waiting.front()();
  at.run();
  const auto then = asked();
  ASSERT_FALSE(then.empty());
  EXPECT_TRUE(std::ranges::none_of(then, std::identity{})) << "for their votes, now";
  at.advance(20 * at.node()->timing.election_timeout_min);
  EXPECT_TRUE(asked().empty()) << "votes take so long, too: they get more time than that";
  at.advance(100 * at.node()->timing.election_timeout_min);
  EXPECT_FALSE(asked().empty());
  caf::anon_send_exit(role, caf::exit_reason::kill);
  at.run();
}

class AskedToStand : public testing::Test {
 protected:
  AskedToStand() {
    auto log = std::make_unique<slow_vote_log>();
    disk_ = log.get();
    seat_ = at_.system().spawn(listen_to_role, kept_);
    auto start = start_alone(at_, store_with(std::move(log)), seat_);
    start.transfer = true;
    role_ = at_.system().spawn<candidate_actor>(std::move(start), candidate);
    at_.run();
  }
  ~AskedToStand() override {
    for (auto& each : {role_, seat_}) caf::anon_send_exit(each, caf::exit_reason::kill);
    at_.run();
  }
  std::size_t asked() {
    return of_vote_requests(at_, [](auto request) { return request.getPreVote(); }).size();
  }
  void vote_of(const std::string& voter) {
    caf::anon_send(role_, make_frame<message::VoteReply>(
                              {0, {node_id_of(voter), lone_seat_key()}, lone_seat_key(), {1}},
                              [](message::VoteReply::Builder reply) {
                                reply.setForEpoch(1);
                                reply.setGranted(true);
                              }));
    at_.run();
  }
  void own_vote_is_durable() {
    caf::anon_send(role_, task{std::exchange(disk_->waiting.back(), nullptr)});
    at_.run();
  }

  manual_node at_;
  slow_vote_log* disk_ = nullptr;
  std::shared_ptr<retired> kept_ = std::make_shared<retired>();
  caf::actor seat_;
  caf::actor role_;
};

// Clients wait: the others' disks and its own work at the same time.
TEST_F(AskedToStand, AsksAtOnceAndLeadsOnceItsOwnVoteIsDurable) {
  kept_->next = us::role::candidate;
  EXPECT_EQ(asked(), 2u);
  vote_of("b");
  vote_of("c");
  EXPECT_EQ(kept_->next, us::role::candidate) << "restarted, it could win this epoch once more";
  own_vote_is_durable();
  EXPECT_EQ(kept_->next, us::role::leader);
}

// By then a voter may have lost its disk.
TEST_F(AskedToStand, AsksAnewWhenItsOwnVoteTookTooLong) {
  kept_->next = us::role::candidate;
  EXPECT_EQ(asked(), 2u);
  vote_of("b");
  at_.advance(2 * at_.node()->timing.election_timeout_min);
  own_vote_is_durable();
  EXPECT_EQ(kept_->next, us::role::candidate) << "that vote was too old";
  EXPECT_EQ(asked(), 2u);
  vote_of("b");
  EXPECT_EQ(kept_->next, us::role::leader);
}

// A leader asked it to stand, and it did not win. By the next attempt another may lead, whom the
// voters have promised not to vote: they break that only for an election in their leader's name.
TEST(Candidate, StandsOnlyOnceInTheLeadersName) {
  manual_node at;
  auto start = start_alone(at, store_with(std::make_unique<fake_log>()));
  start.transfer = true;
  auto role = at.system().spawn<candidate_actor>(std::move(start), candidate);
  at.run();
  const auto in_its_name = [&] {
    return of_vote_requests(at, [](auto request) { return request.getTransfer(); });
  };
  const auto first = in_its_name();
  ASSERT_FALSE(first.empty());
  EXPECT_TRUE(std::ranges::all_of(first, std::identity{}));
  at.advance(2 * at.node()->timing.election_timeout_min);
  const auto later = in_its_name();
  ASSERT_FALSE(later.empty());
  EXPECT_TRUE(std::ranges::none_of(later, std::identity{}));
  caf::anon_send_exit(role, caf::exit_reason::kill);
  at.run();
}

}  // namespace
}  // namespace us::test
