#pragma once
/// The rules of leader-follower replication, apart from actors, clocks and disks: votes, log
/// matching, commit. Source: Ongaro's thesis 3.4-3.6, 9.6.

#include "actors/leader_follower/membership.hpp"
#include "messages/ids.hpp"
#include "runtime/log/change_log.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace us::rules {

/// Where a log ends; the one that is behind never leads the one that is ahead (3.6.1).
struct log_end {
  us::epoch epoch;
  log_index index;
  friend constexpr auto operator<=>(const log_end&, const log_end&) = default;
};

struct ballot {
  us::epoch epoch;  ///< that the candidate stands for
  node_id candidate;
  log_end end;
};

/// A real vote: one per epoch, only for a log at least as new as one's own. `own` is the
/// durable vote; a ballot of a newer epoch is judged as if no vote was cast in it yet.
bool grants_vote(const vote& own, const log_end& own_end, const ballot& asked);

/// A pre-vote: changes nothing; refused while a leader is heard (9.6).
bool grants_pre_vote(us::epoch own_epoch, const log_end& own_end, bool hears_leader,
                     const ballot& asked);

/// How many times longer than usual a replica waits before it asks for votes (again): 1, and twice
/// as many with each epoch in a row in which it saw nobody lead, up to 8. Votes count for a bounded
/// time, and take longer the more groups vote at once: all at the same pace, none would ever win.
unsigned election_patience(us::epoch own, us::epoch last_led);

/// Votes of one election. A voter that is unsure may have forgotten entries that were committed
/// with its acknowledgement. So the sure ones must be a majority by themselves, which has a member
/// of every other majority, also of one in the configuration before or after this one; or all
/// members vote, and the winner has whatever any of them still has.
class tally {
 public:
  explicit tally(std::vector<node_id> voters) : voters_(std::move(voters)) {}
  /// Counts each voter once, and nobody else; true once that is enough.
  bool grant(node_id from, bool sure = true) {
    if (std::find(voters_.begin(), voters_.end(), from) != voters_.end()) {
      granted_.insert(from);
      if (!sure) unsure_.insert(from);
    }
    if (granted_.size() < majority(voters_.size())) return false;
    return sure_enough() || granted_.size() == voters_.size();
  }
  std::size_t granted() const { return granted_.size(); }
  std::size_t unsure() const { return unsure_.size(); }
  bool sure_enough() const { return granted_.size() - unsure_.size() >= majority(voters_.size()); }

 private:
  std::vector<node_id> voters_;
  std::set<node_id> granted_;
  std::set<node_id> unsure_;
};

/// What a follower does with an append request (3.5).
struct append_verdict {
  bool accepted = false;
  log_index hint;  ///< refused: the leader should go on from here
};
/// `epoch_at`, `first` and `last` describe the follower's log; `commit` can never conflict.
append_verdict match_previous(const change_log& log, log_index previous, us::epoch previous_epoch,
                              log_index commit);

/// How many of the entries (the first at index `first`) are there already with the same epoch; the
/// next one, if any, is new or conflicts. A repeated or late request so changes nothing.
std::size_t already_present(const change_log& log, const std::vector<log_entry>& entries);

/// The highest index that a majority has, given every voter's durable match.
log_index majority_match(std::vector<log_index> matches);

/// Only entries of the leader's own epoch are committed by counting (3.6.2).
bool may_commit(log_index candidate, log_index commit, std::optional<us::epoch> epoch_of_candidate,
                us::epoch current);

}  // namespace us::rules
