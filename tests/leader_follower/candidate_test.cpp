// A candidate alone, told what to do by frames.
#include "actors/leader_follower/candidate.hpp"
#include "runtime/state/memory_state.hpp"
#include "tests/leader_follower/fake_log.hpp"
#include "tests/support/manual_node.hpp"

#include <gtest/gtest.h>

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
  auto store = std::make_unique<replica_store>();
  auto owned = std::make_unique<fake_log>();
  store->log = std::move(owned);
  store->state = make_memory_state();
  auto box = std::make_shared<std::unique_ptr<replica_store>>(std::move(store));
  const auto* log = (*box)->log.get();
  auto of = std::make_shared<const group>(
      group{service{"lists"}, "lists/log", actor_key_of("seat/lists"), {}, {}});
  auto kept = std::make_shared<retired>();
  auto seat = at.system().spawn(listen_to_role, kept);
  auto role = at.system().spawn<candidate_actor>(role_start{at.node(), of, seat, box, "", false},
                                                 candidate);
  at.run();
  caf::anon_send(role,
                 make_frame<message::VoteReply>({0, {node_id_of("b"), of->seat}, of->seat, {5}},
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

}  // namespace
}  // namespace us::test
