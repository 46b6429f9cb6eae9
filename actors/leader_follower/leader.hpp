#pragma once
/// Executes clients' requests, appends what they changed to the log, replicates the log, and
/// answers as was asked for: once its own disk, a majority's or every in-sync one has it.
///
/// Receives: SubmitBatch, OpenSession, AppendReply, VoteRequest, AppendRequest (of another leader),
/// TransferRequest, MembersRequest.
/// Sends: AppendRequest (pipelined, within a window of bytes per follower; empty ones as sign of
/// life), ReplyBatch, LeadNow when it hands over.
/// A batch is the unit throughout: what arrives in one turn becomes one entry (a few when it is too
/// much for a message), one append, and an answer per asking client. While the disk is busy with
/// earlier entries the turn stays open, and, where clients wait for others' disks too, until those
/// are committed, for two milliseconds at most. Followers are sent entries that no client waits for
/// (async) every two milliseconds. Reads need no entry: they are answered once a majority has
/// confirmed this leadership after they arrived (read index), or at once while a majority has
/// promised not to replace it (lease.hpp); so are followers that ask how far the group is
/// (ReadPoint). Nothing is answered from a leadership that was not confirmed, unless its client
/// asked for no more than this leader's word (async). Retires when a newer epoch shows or a
/// majority was not heard for the longest election timeout. Source: Ongaro's
/// thesis 3.5, 3.6, 3.10, 6.2, 6.4, 10.2.
///
/// Invariants: commit never exceeds what a majority has durably; only entries of this epoch are
/// committed by counting; answers of one mode leave in the order of their gates.

#include "actors/leader_follower/lease.hpp"
#include "actors/leader_follower/progress.hpp"
#include "actors/leader_follower/role_actor.hpp"
#include "actors/leader_follower/turn.hpp"

#include <deque>
#include <optional>

namespace us {

/// A snapshot on its way to a follower; see snapshot_sender.hpp.
struct transfer {
  node_id to;
  snapshot_info what;
  std::string own;           ///< the snapshot itself, of a witness; else it lies on the disk
  std::uint64_t offset = 0;  ///< durable there
  bool begun = false;        ///< it has told how far it is, and what follows is on its way
  bool installed = false;    ///< and now it catches up from the log
  log_index caught_up_at;
  time_point asked;     ///< newest thing sent
  time_point next_due;  ///< by the rate that is allowed
};

/// See hand_over.hpp.
struct hand_over {
  node_id wanted;  ///< none: anyone
  time_point until;
  node_id successor;    ///< that was asked to lead
  bool chosen = false;  ///< by an operator
};

/// Who should lead this partition, see balancing.hpp.
struct balance {
  node_id wanted;     ///< it has been fit to lead
  time_point since;   ///< since then, or since it was asked the last time
  duration patience;  ///< until it is asked
};

/// Of a group in which nothing is under way, see quiet.hpp.
struct quietness {
  unsigned idle_beats = 0;        ///< in a row
  std::uint64_t asked_since = 0;  ///< the first round that asks the followers to rest; 0: none does
  bool rests = false;             ///< all have agreed: there are no beats
};

/// Which entries the followers are not sent yet, see gathering.hpp.
struct gathered_entries {
  log_index released;     ///< they are sent what there is up to here
  std::size_t bytes = 0;  ///< after it
  time_point sent_at;     ///< when everything was sent the last time
  bool timer = false;     ///< one runs
};

/// A request to change the members; see members.hpp.
struct asked_change {
  std::optional<member_change> what;  ///< none: this program does not know the change
  std::uint64_t nonce = 0;
  address from;
  std::uint64_t round = 0;  ///< the others must confirm this one first; 0: they need not
  time_point until;         ///< and have done so until then
};

struct leader_state {
  static constexpr role is = role::leader;
  void check_invariants(const replica_store& store) const;

  std::vector<progress> followers;
  std::vector<transfer> transfers;
  std::optional<speculation> ahead;
  std::optional<us::turn> turn;
  bool turn_ends = false;   ///< the end of this turn is already scheduled
  bool turn_timer = false;  ///< one that ends it runs
  time_point appended_at;   ///< when its last entry was
  gathered_entries gathered;
  bool round_wanted = false;    ///< a read waits for a round that was not sent yet
  std::uint64_t round = 0;      ///< newest sent
  std::uint64_t confirmed = 0;  ///< newest confirmed by a majority
  round_times rounds;
  bool lease_over = false;  ///< another one was asked to lead
  log_index first_own;      ///< the entry that began this leadership
  log_index members_told;   ///< newest committed configuration that people were told of
  answer_queue gated;
  std::size_t uncommitted_bytes = 0;
  std::deque<std::pair<log_index, std::size_t>> uncommitted;
  time_point began;
  std::optional<hand_over> handing_over;
  us::balance balance{};
  quietness quiet;
  std::optional<asked_change> asked;  ///< of voters, that waits for the others' word
  bool leaves = false;                ///< it was removed
  log_index synced_then;              ///< what its disk had done by
  time_point synced_at;               ///< then, and nothing since
};

using leader_actor = role_actor<leader_state>;
caf::behavior leader(leader_actor* self);
/// Beats now, and from now on.
void begin_beats(leader_actor* self);

}  // namespace us
