#pragma once
/// When an answer may leave, by what its client was promised. Pure.
///
/// async: the leader's own disk has everything that the request wrote or saw. quorum: it is
/// committed, and this leadership was confirmed since. all: and every in-sync follower has it.
/// Elections and commits know nothing of this: the modes differ only in when a client is told.

#include "messages/frame.hpp"
#include "runtime/mutants.hpp"
#include "runtime/service/acknowledgement.hpp"

#include <array>
#include <deque>
#include <vector>

namespace us {

/// An answer that waits.
struct gated_reply {
  log_index index;          ///< there up to here first; 0: nothing to wait for
  std::uint64_t round = 0;  ///< and this round confirmed; 0: the commit confirms it. Not async.
  address to;
  std::vector<frame> answer;  ///< in parts, if it is long; empty: there is none
  acknowledgement when = acknowledgement::quorum;
};

/// How far a leader has got.
struct answer_progress {
  log_index written;  ///< in the leader's log, durable or not
  log_index durable;  ///< on the leader's disk
  log_index commit;
  log_index in_sync;        ///< durable at the leader and at every in-sync follower
  std::uint64_t round = 0;  ///< newest confirmed by a majority
};

inline bool may_leave(const gated_reply& reply, const answer_progress& now) {
  if (reply.when == acknowledgement::async)
    return reply.index <= (mutant(bug::async_answer_before_own_disk) ? now.written : now.durable);
  const bool committed = reply.index <= now.commit || mutant(bug::answered_before_commit);
  if (!committed || reply.round > now.round) return false;
  return reply.when == acknowledgement::quorum || reply.index <= now.in_sync;
}

/// The answers that wait. Those of one mode leave in the order in which they came; those of
/// different modes do not wait for each other, nor do those that need no further commit for those
/// that do: writes may wait for long, when disks are full.
class answer_queue {
 public:
  /// `commit`: as it is now.
  void push(gated_reply reply, log_index commit) {
    auto& queue = reply.when == acknowledgement::quorum && reply.index <= commit
                      ? waiting_.back()
                      : waiting_[static_cast<std::size_t>(reply.when)];
    queue.push_back(std::move(reply));
  }
  bool empty() const {
    for (const auto& mode : waiting_)
      if (!mode.empty()) return false;
    return true;
  }
  /// For entries that this leader's disk alone does not answer.
  bool waits_for_others() const {
    return !waiting_[static_cast<std::size_t>(acknowledgement::quorum)].empty() ||
           !waiting_[static_cast<std::size_t>(acknowledgement::all)].empty();
  }
  /// For entries that this leader's disk alone answers.
  bool waits_for_own_disk() const {
    return !waiting_[static_cast<std::size_t>(acknowledgement::async)].empty();
  }
  /// Calls send(gated_reply) for those that may leave.
  template <class Send>
  void release(const answer_progress& now, Send&& send) {
    for (auto& mode : waiting_)
      while (!mode.empty() && may_leave(mode.front(), now)) {
        send(mode.front());
        mode.pop_front();
      }
  }

 private:
  std::array<std::deque<gated_reply>, 4> waiting_;  ///< by mode; and what waits for a round only
};

}  // namespace us
