#pragma once
/// Whether a follower keeps up with its leader: the rule of the in-sync set. Pure.
///
/// A follower's lag is the age of the oldest entry that it lacks, told from marks: where the log
/// ended when it was looked at, and when that was. A steady stream of writes so does not make a
/// follower lag that is always a little behind, and an idle group is in sync. One that was not
/// heard lags as long as its silence. Source: Kafka's in-sync replicas (replica.lag.time.max.ms).

#include "messages/ids.hpp"
#include "runtime/ports/clock.hpp"

#include <algorithm>

namespace us {

enum class sync_change : unsigned char { none, left, back };

struct sync_lag {
  bool in_sync = true;
  time_point caught_up;  ///< it had everything that there was then
  log_index mark;        ///< the end of the log when it was marked
  time_point marked;

  explicit sync_lag(time_point began = {}) : caught_up(began), marked(began) {}

  /// `match`: durable there; `last`: the end of the leader's log.
  void look(log_index match, log_index last, time_point now) {
    if (match >= last)
      caught_up = now;
    else if (match >= mark)
      caught_up = marked;
    else
      return;
    mark = last;
    marked = now;
  }

  duration lag(time_point heard, time_point now) const { return now - std::min(caught_up, heard); }

  /// `counts`: it did not lose its disk. Comes back at half the bound, so that one which is just
  /// too slow does not come and go.
  sync_change judge(time_point heard, time_point now, duration bound, bool counts) {
    const auto behind = lag(heard, now);
    if (in_sync && (!counts || behind > bound)) {
      in_sync = false;
      return sync_change::left;
    }
    if (!in_sync && counts && behind <= bound / 2) {
      in_sync = true;
      return sync_change::back;
    }
    return sync_change::none;
  }
};

}  // namespace us
