#pragma once
/// Reads that a replica answers from its own state: batches whose client takes answers of bounded
/// age, or of any (read_policy). What a role keeps of them, and what it does.
///
/// A batch waits until the state is known to be new enough; if it is not, the leader is asked, once
/// for all that wait. A batch ends with its answers, or refused (certainly not executed) when the
/// client's patience is over; what waits when the role ends goes to the next role.

#include "actors/leader_follower/answers.hpp"
#include "actors/leader_follower/freshness.hpp"
#include "actors/leader_follower/role_actor.hpp"
#include "actors/leader_follower/speculation.hpp"

#include <deque>
#include <vector>

#include "messages/leader_follower.capnp.h"

namespace us {

struct waiting_reads {
  struct waiting {
    frame batch;
    sender from;
    read_policy how;
    time_point arrived;
    time_point deadline;
  };

  std::deque<waiting> batches;
  std::uint64_t asked_nonce = 0;  ///< of the question that is under way; 0: none is
  time_point asked;
  bool timer_runs = false;

  void hand_on(std::vector<frame>& to);
};

namespace reading {

/// Takes in a SubmitBatch of this node that need not be answered by the leader. False: it is none.
/// `reads` is the role's.
bool take(role_base* self, waiting_reads& reads, const frame& batch, const sender& from);
/// To be called when more is applied or another leader is known.
void look(role_base* self, waiting_reads& reads);
/// The leader's answer to the question. The caller has seen to its commit.
void learn(role_base* self, waiting_reads& reads, message::ReadPointReply::Reader reply);

/// The answers of a batch of reads, by what is committed here.
std::vector<frame> answer(role_base* self, message::SubmitBatch::Reader batch, const sender& from,
                          std::optional<duration> age);
/// The same by what a leader has executed, for an answer that waits for `index` to be committed.
std::vector<frame> answer(role_base* self, const speculation& ahead,
                          message::SubmitBatch::Reader batch, const sender& from, log_index index);

}  // namespace reading
}  // namespace us
