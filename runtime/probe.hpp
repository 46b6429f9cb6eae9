#pragma once
/// Marks on rare branches, so that a test can prove that a sweep took them.
///
/// probe() counts in the counts that the running turn was given, and does nothing where
/// there are none, as live: then it costs the reading of one thread-local pointer. The simulation
/// gives every turn those of its world, so simulations side by side count apart.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace us {

enum class rare : unsigned char {
  // follower
  conflict_cut,         ///< entries of a former leader removed for those of the present one
  append_repeated,      ///< all entries of a request were there already
  append_of_old_epoch,  ///< from a leader that was replaced
  append_after_gap,     ///< the entry before was not there
  append_of_conflict,   ///< the entry before is of another epoch
  commit_held_back,     ///< the leader has committed more than is verified here
  woke_late,            ///< the election timer fired late: the node itself was not scheduled
  // votes
  vote_refused_used,    ///< the vote of this epoch is given
  vote_refused_behind,  ///< the candidate lacks entries
  pre_vote_refused,     ///< a leader is heard
  pre_vote_behind,      ///< the one that asks lacks entries
  // leader
  old_epoch_committed,  ///< entries of former epochs, through one of the own
  majority_lost,        ///< retired, as no majority was heard
  newer_epoch_heard,    ///< retired, as another was elected
  handed_over,          ///< asked a follower to lead
  hand_over_given_up,   ///< the one that was wanted did not take over
  probed,               ///< went back to find where a follower's log agrees
  window_full,          ///< a follower has enough on its way
  read_from_disk,       ///< what a follower lacks is no longer in memory
  turn_kept_open,       ///< the disk, or others, are not done with entries before
  batch_in_entries,     ///< it was too much for one
  entries_gathered,     ///< nobody waits for them: followers get them together
  read_waited,          ///< a read waited for its round
  group_rested,         ///< nothing is under way: no more beats
  // reads that a follower answers
  stale_read_waited,   ///< until the replica is known to be new enough
  stale_read_expired,  ///< refused, as it is not known in time
  // lease
  read_by_lease,
  vote_refused_promised,
  // disks
  disk_stuck,         ///< the leader's has not answered for long: it hands over
  witness_misplaced,  ///< a witness's directory where a replica is wanted
  witness_sent_snapshot,
  // acknowledgement modes
  answered_early,  ///< before a majority had it
  in_sync_left,    ///< a follower lagged beyond the bound
  in_sync_back,    ///< and caught up
  loss_journalled,
  loss_survived,        ///< another replica kept the entry
  loss_executed_again,  ///< by its client's retry
  loss_uncertain,       ///< a snapshot came in between
  // requests
  retry_answered,       ///< from the session table
  retry_before_commit,  ///< from what is executed and not committed
  came_late,            ///< a request whose client has its answer
  refusal_kept,         ///< an outcome kept though nothing changed
  client_retried,
  client_gave_up,       ///< outcome unknown
  client_found_nobody,  ///< rejected: certainly not executed
  // snapshots
  snapshot_taken,
  snapshot_fuzzy,             ///< the state changed while it was taken
  snapshot_dropped,           ///< its role ended before it was whole
  snapshot_damaged,           ///< found at start
  snapshot_without_log,       ///< a crash between its installation and the log's new beginning
  chunk_of_another_snapshot,  ///< while one is being received
  chunk_out_of_order,
  snapshot_installed,
  snapshot_came_late,  ///< it is whole, and meanwhile the log got there
  snapshot_refused,    ///< it did not verify where it was sent
  transfer_begun,
  transfer_resumed,   ///< from what a crash or another leader left
  transfer_waited,    ///< others are sent to
  transfer_given_up,  ///< the follower is silent
  // lost disks
  disk_lost,
  data_damaged,
  vote_refused_recovering,
  reply_of_lost_disk,
  admitted,
  // members
  member_added,
  member_promoted,
  member_removed,
  member_change_waited,  ///< for an entry of the own epoch, or the change before it
  member_change_refused,
  member_change_undone,  ///< cut from the log
  members_by_snapshot,   ///< learnt from a leader's snapshot
  stood_while_removed,   ///< its removal is not known to be committed
  // lost power
  power_lost,           ///< with entries that were not synced
  unsure_vote_counted,  ///< of a replica that may have forgotten entries
  majority_lost_power,  ///< elected by all, as too few have everything that they acknowledged
  // the change log
  torn_tail,          ///< a crash left a part of the last group
  tail_rewritten,     ///< the last group was written and synced once more
  truncation_waited,  ///< a truncation while the group before it is on its way
  owner_changed_during_write,
  disk_failed,
  count_of_rare,
};
constexpr std::size_t rare_count = static_cast<std::size_t>(rare::count_of_rare);

/// As in the enumeration.
std::string to_string(rare what);

class probe_counts {
 public:
  void add(rare what) { ++counts_[static_cast<std::size_t>(what)]; }
  std::uint64_t of(rare what) const { return counts_[static_cast<std::size_t>(what)]; }
  probe_counts& operator+=(const probe_counts& other) {
    for (std::size_t i = 0; i < rare_count; ++i) counts_[i] += other.counts_[i];
    return *this;
  }

 private:
  std::array<std::uint64_t, rare_count> counts_{};
};

namespace detail {
inline thread_local probe_counts* probed = nullptr;
}

/// While it lives, this thread's probes count in `counts`.
class probe_scope {
 public:
  explicit probe_scope(probe_counts& counts) : before_(detail::probed) { detail::probed = &counts; }
  ~probe_scope() { detail::probed = before_; }
  probe_scope(const probe_scope&) = delete;
  probe_scope& operator=(const probe_scope&) = delete;

 private:
  probe_counts* before_;
};

inline void probe(rare what) {
  if (detail::probed != nullptr) detail::probed->add(what);
}

}  // namespace us
