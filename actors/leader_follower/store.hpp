#pragma once
/// What one replica keeps: its change log, the state and sessions made of the committed entries,
/// and the entries not yet committed. Owned by exactly one role at a time; moves from role to role
/// through the seat.
///
/// Invariants: applied <= commit <= log.last_index(); `waiting` holds exactly the entries in
/// (applied, log.last_index()].

#include "actors/leader_follower/entry.hpp"
#include "actors/leader_follower/refusals.hpp"
#include "actors/leader_follower/session_table.hpp"
#include "runtime/log/change_log.hpp"
#include "runtime/node/context.hpp"
#include "runtime/state/state.hpp"

#include <deque>
#include <memory>

namespace us {

struct replica_store {
  std::unique_ptr<change_log> log;
  std::unique_ptr<us::state> state;
  session_table sessions;
  refusals refused;  ///< not replicated
  log_index commit;
  log_index applied;
  std::deque<log_entry> waiting;
  time_point opened{};

  us::epoch epoch() const { return log->vote().epoch; }

  /// Appends to the log and to `waiting`.
  void append(const log_entry& entry);
  /// Removes entries after `last` (never committed ones).
  void truncate_after(log_index last);
  /// Applies committed entries to state and sessions; calls each(entry) before it is dropped.
  template <class Each>
  void commit_up_to(log_index index, Each&& each) {
    if (index <= commit) return;
    commit = index;
    while (!waiting.empty() && waiting.front().index <= commit) {
      apply(waiting.front());
      each(waiting.front());
      waiting.pop_front();
    }
  }
  void commit_up_to(log_index index) {
    commit_up_to(index, [](const log_entry&) {});
  }
  void apply(const log_entry& entry);
  void check_invariants() const;
};

/// Opens the replica's log, and makes the state from the entries known to be committed. Blocks: a
/// job for the executor.
result<std::unique_ptr<replica_store>> open_store(const ports& with, const std::string& directory);

}  // namespace us
