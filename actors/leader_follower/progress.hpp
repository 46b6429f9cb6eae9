#pragma once
/// How far one follower is, as its leader knows, and what is on its way to it. Pure.
///
/// Pipelined: `next` runs ahead of what is acknowledged, within a window of bytes. After a
/// refusal it probes: one request at a time until one is accepted.
/// Source: Ongaro's thesis 10.2.1; byte window as in etcd.

#include "actors/leader_follower/sync_lag.hpp"
#include "messages/ids.hpp"
#include "runtime/ports/clock.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>

namespace us {

struct progress {
  node_id node;
  bool votes = true;        ///< its answers count
  bool witness = false;     ///< it is sent entries and snapshots without data
  bool leaving = false;     ///< removed: it is sent no more than that
  bool told = false;        ///< leaving: that its removal is committed is on its way
  log_index match;          ///< durable there
  log_index next{1};        ///< what to send next
  std::uint64_t round = 0;  ///< newest confirmed
  time_point heard;         ///< its last answer in this epoch
  time_point answered;      ///< when the newest round was sent that it has answered
  time_point promised;      ///< it votes for nobody else until then, by the leader's clock
  time_point since;         ///< it is followed by this leader
  bool probing = true;
  bool waiting = false;           ///< probing, and one request is on its way
  bool reading = false;           ///< old entries are being read from the disk for it
  bool full = false;              ///< it refused entries because its disk is full
  bool no_space = false;          ///< its disk is full, as its last answer says
  std::uint64_t disk = 0;         ///< number of its data directory; 0: not heard yet
  bool recovering = false;        ///< it lost its disk: counts for nothing until it is admitted
  std::uint64_t admit_round = 0;  ///< recovering: this round must be confirmed by others first
  log_index admit_index;          ///< and this entry be there
  std::uint64_t quiet_round = 0;  ///< newest in which it agreed to rest; 0: it does not
  bool suspected = false;         ///< its node is, by the heartbeat monitor
  std::size_t inflight_bytes = 0;
  sync_lag sync;

  bool may_send(std::size_t window) const {
    if (reading || full) return false;
    return probing ? !waiting : inflight_bytes < window;
  }

  void sent(log_index last, std::size_t bytes) {
    next = last.next();
    inflight_.push_back({last, bytes});
    inflight_bytes += bytes;
    waiting = true;
  }

  void acknowledged(log_index index) {
    match = std::max(match, index);
    next = std::max(next, match.next());
    probing = waiting = full = false;
    while (!inflight_.empty() && inflight_.front().last <= match) {
      inflight_bytes -= inflight_.front().bytes;
      inflight_.pop_front();
    }
  }

  /// It lacks the entry before what was sent: go on from `hint`. One that lacks what it had
  /// acknowledged answers late, or its disk forgot: then only an answer to a beat makes it worth
  /// sending more, or the two would refuse and repeat as fast as the network can.
  void refused(log_index hint, bool disk_full) {
    next = std::max(match.next(), std::min(hint, next));
    inflight_.clear();
    inflight_bytes = 0;
    probing = true;
    waiting = hint <= match;
    full = disk_full;
  }

  /// It has a snapshot up to `index`: go on from there.
  void restored(log_index index) {
    refused(index.next(), full);
    next = std::max(match.next(), index.next());
  }

  /// It came back with another data directory: what it had acknowledged is gone.
  void lost_disk(std::uint64_t now) {
    disk = now;
    match = {};
    round = 0;
    admit_round = 0;
    recovering = true;
    refused({1}, false);
  }

  /// Nothing came back for long: what was on its way counts as lost, and only an answer (to a beat)
  /// makes it worth sending more.
  void forget_inflight() {
    refused(match.next(), full);
    waiting = true;
  }

 private:
  struct batch {
    log_index last;
    std::size_t bytes;
  };
  std::deque<batch> inflight_;
};

}  // namespace us
