#pragma once
/// Stands for election: asks first whether it would win (pre-vote, which changes nothing and
/// so disturbs nobody), then votes for itself durably and asks for votes; who was asked to stand by
/// its leader does both at once. It leads only once its own vote is durable.
///
/// Owns only its tally; epoch and vote are in the log. Receives VoteReply, VoteRequest,
/// AppendRequest; sends VoteRequest. Clients' requests are answered as redirected,
/// but for reads that a replica may answer whatever leads (reading.hpp).
/// Time: asks again after a random part of the election timeout while nobody wins; goes back to
/// follower when a leader or a newer epoch shows.
/// Source: Ongaro's thesis 3.4, 9.6; leadership transfer 3.10 (no pre-vote).

#include "actors/leader_follower/reading.hpp"
#include "actors/leader_follower/role_actor.hpp"

namespace us {

struct candidate_state {
  static constexpr role is = role::candidate;
  void check_invariants(const replica_store& store) const;

  enum class phase : unsigned char { asking, voting };
  phase now = phase::asking;
  rules::tally tally{std::vector<node_id>{}};
  std::optional<time_point> asked;  ///< for the votes that are counted now
  bool by_transfer = false;         ///< this attempt is what the leader asked for
  bool own_vote_durable = false;    ///< voting: and so far nobody is led
  waiting_reads reads;
  std::uint64_t attempt = 0;  ///< tells a timer of an earlier attempt from the present one's
};

using candidate_actor = role_actor<candidate_state>;
caf::behavior candidate(candidate_actor* self);

}  // namespace us
