// When an answer may leave, by what its client was promised.
#include "actors/leader_follower/answer_gate.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace us {
namespace {

gated_reply waits(acknowledgement when, std::uint64_t index, std::uint64_t round = 0) {
  return {{index}, round, {}, {}, when};
}

// Entry 9 is in the leader's log, 7 on its disk, 5 on a majority's, 4 on every in-sync one's.
constexpr answer_progress now{{9}, {7}, {5}, {4}, 2};

TEST(AnswerGate, AsyncWaitsForTheLeadersOwnDisk) {
  EXPECT_TRUE(may_leave(waits(acknowledgement::async, 7), now));
  EXPECT_FALSE(may_leave(waits(acknowledgement::async, 8), now));
}

TEST(AnswerGate, QuorumWaitsForTheCommitAndForTheRound) {
  EXPECT_TRUE(may_leave(waits(acknowledgement::quorum, 5), now));
  EXPECT_FALSE(may_leave(waits(acknowledgement::quorum, 6), now));
  EXPECT_TRUE(may_leave(waits(acknowledgement::quorum, 5, 2), now));
  EXPECT_FALSE(may_leave(waits(acknowledgement::quorum, 5, 3), now));
}

TEST(AnswerGate, AllWaitsForEveryInSyncFollowerToo) {
  EXPECT_TRUE(may_leave(waits(acknowledgement::all, 4), now));
  EXPECT_FALSE(may_leave(waits(acknowledgement::all, 5), now));
  constexpr answer_progress not_committed{{9}, {7}, {5}, {7}, 2};
  EXPECT_FALSE(may_leave(waits(acknowledgement::all, 6), not_committed))
      << "the set may be smaller than a majority";
}

TEST(AnswerGate, ModesDoNotWaitForEachOther) {
  answer_queue queue;
  queue.push(waits(acknowledgement::all, 5), {4});
  queue.push(waits(acknowledgement::quorum, 6), {4});
  queue.push(waits(acknowledgement::async, 6), {4});
  queue.push(waits(acknowledgement::async, 8), {4});
  queue.push(waits(acknowledgement::async, 7), {4});  // behind the one before it
  std::vector<std::uint64_t> left;
  queue.release(now, [&](const gated_reply& reply) { left.push_back(reply.index.value); });
  EXPECT_EQ(left, std::vector<std::uint64_t>{6});
  queue.release({{9}, {9}, {9}, {9}, 2},
                [&](const gated_reply& reply) { left.push_back(reply.index.value); });
  EXPECT_EQ(left, (std::vector<std::uint64_t>{6, 8, 7, 6, 5}));
  EXPECT_TRUE(queue.empty());
}

TEST(AnswerGate, WhatIsCommittedWaitsForNoCommit) {
  answer_queue queue;
  queue.push(waits(acknowledgement::quorum, 6), {4});
  queue.push(waits(acknowledgement::quorum, 4, 2), {4});
  queue.push(waits(acknowledgement::quorum, 4, 3), {4});
  std::vector<std::uint64_t> left;
  queue.release(now, [&](const gated_reply& reply) { left.push_back(reply.round); });
  EXPECT_EQ(left, std::vector<std::uint64_t>{2});
  EXPECT_FALSE(queue.empty());
}

}  // namespace
}  // namespace us
