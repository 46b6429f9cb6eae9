#pragma once
/// Keeps the leader's log on its own disk, applies what is committed, votes, and passes
/// clients' requests to the leader. Stands for election when it hears no leader.
///
/// Receives: AppendRequest, VoteRequest, LeadNow, StatusRequest; SubmitBatch and OpenSession, which
/// it passes on as they are, but for reads that it may answer (reading.hpp); ReadPointReply;
/// member_changed from the heartbeat monitor.
/// Sends: AppendReply (once what it acknowledges is durable), VoteReply (once the vote is durable).
/// Time: a leader must be heard within a random election timeout in [min, 2 min]. Its own
/// pauses do not count as the leader's silence.
/// Source: Ongaro's thesis 3.3-3.6, 9.6.

#include "actors/leader_follower/reading.hpp"
#include "actors/leader_follower/role_actor.hpp"
#include "actors/leader_follower/transfer_rules.hpp"

#include <set>

namespace us {

struct follower_state {
  static constexpr role is = role::follower;
  void check_invariants(const replica_store& store) const;

  node_id leader;
  bool leader_suspected = false;
  std::string suspicion;
  time_point heard;          ///< the leader, or the start of this role
  time_point deadline;       ///< stands when it passes in silence
  bool timer_waits = false;  ///< for the deadline
  bool rests = false;        ///< it has agreed to hear no beats, see quiet.hpp
  std::set<node_id> alive;   ///< nodes, by the heartbeat monitor
  /// What the leader's last append request let us verify, acknowledged as it becomes durable.
  log_index verified;
  std::uint64_t round = 0;
  bool acknowledges = false;
  bool stopping = false;
  std::optional<rules::reception> receiving;  ///< a snapshot
  waiting_reads reads;
  time_point began;
  bool being_admitted = false;
  bool becoming = false;   ///< its directory is being marked as that of a witness, or of none
  bool misplaced = false;  ///< which it is not, and that was reported
  bool noting = false;     ///< a tail is on its way into the loss journal
  std::vector<std::function<void(bool noted)>> after_noting;
};

using follower_actor = role_actor<follower_state>;
caf::behavior follower(follower_actor* self);

}  // namespace us
