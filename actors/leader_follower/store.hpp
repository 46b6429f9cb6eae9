#pragma once
/// What one replica keeps: its change log, the state and sessions made of the committed entries,
/// and the entries not yet committed. Owned by exactly one role at a time; moves from role to role
/// through the seat.
///
/// Invariants: applied <= commit <= log.last_index(); `waiting` holds exactly the entries in
/// (applied, log.last_index()]; the state is exact once applied >= complete (see
/// runtime/state/snapshot_format.hpp).

#include "actors/leader_follower/entry.hpp"
#include "actors/leader_follower/epoch_history.hpp"
#include "actors/leader_follower/freshness.hpp"
#include "actors/leader_follower/refusals.hpp"
#include "actors/leader_follower/session_table.hpp"
#include "actors/leader_follower/snapshots.hpp"
#include "actors/leader_follower/standing.hpp"
#include "runtime/log/change_log.hpp"
#include "runtime/loss/loss_journal.hpp"
#include "runtime/node/context.hpp"
#include "runtime/state/state.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <vector>

namespace us {

struct replica_store {
  std::unique_ptr<change_log> log;
  std::unique_ptr<us::state> state;
  session_table sessions;
  refusals refused;  ///< not replicated
  freshness fresh;   ///< not replicated
  epoch_history history;
  membership members;                    ///< by the log, down to its newest entry
  std::unique_ptr<loss_journal> losses;  ///< null in tests of rules
  log_index commit;
  log_index applied;
  std::deque<log_entry> waiting;
  time_point opened{};
  us::epoch led;                             ///< newest in which it knew a leader, or was opened
  duration vote_took{};                      ///< to be durable, the last one since it knew a leader
  us::epoch chosen;                          ///< own epoch that an operator asked for
  time_point promised_until{};               ///< until then no vote for anybody: see lease.hpp
  us::epoch elected_after_loss;              ///< newest own epoch that too few sure voters gave
  log_index complete;                        ///< of the snapshot that the state was loaded from
  std::uint64_t bytes_since_snapshot = 0;    ///< of applied entries
  std::unique_ptr<us::snapshots> snapshots;  ///< null in tests of rules
  us::standing standing;
  std::string standing_path;  ///< empty in tests of rules

  us::epoch epoch() const { return log->vote().epoch; }

  /// Appends to the log and to `waiting`.
  void append(const log_entry& entry);
  /// Removes entries after `last` (never committed ones). True: a change of members is undone.
  bool truncate_after(log_index last);
  /// Applies committed entries to state and sessions, as far as the state is ready for them; calls
  /// each(entry) before it is dropped.
  template <class Each>
  void commit_up_to(log_index index, Each&& each) {
    commit = std::max(commit, index);
    while (!waiting.empty() && waiting.front().index <= commit &&
           state->ready(log->synced_index()) && applies(waiting.front())) {
      each(waiting.front());
      waiting.pop_front();
    }
  }
  void commit_up_to(log_index index) {
    commit_up_to(index, [](const log_entry&) {});
  }
  void apply(const log_entry& entry);
  /// Of an entry that is in the log already, when the store is opened.
  void note_members(const log_entry& entry);
  /// Goes on from a snapshot that a leader sent; the log begins anew after it.
  void install(const snapshot_info& snapshot, std::unique_ptr<us::state> records,
               session_table with, epoch_history epochs, configuration members_then);
  /// Says of losses what the snapshot tells that the state was replaced by.
  void settle_losses_by_snapshot();
  void check_invariants() const;

 private:
  /// False: the disk of the records has just become full, and nothing has changed.
  bool applies(const log_entry& entry);

  std::vector<state_change> changes_;  ///< of the entry being applied
};

}  // namespace us
