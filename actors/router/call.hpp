#pragma once
/// One request on its way through a router: where it was sent, what became of that, and what to do
/// next.
///
/// An attempt is one request at one node under one id. It is over when the node says that it did
/// not execute it (refused); until then it is in doubt, and may be answered however late. Rules,
/// which are pure:
///   - a request that may be executed twice is hedged, then retried elsewhere;
///   - any other goes to another node only when no attempt is in doubt; while one is, the same id
///   is sent
///     to the same node again, which executes an id once;
///   - at the deadline it ends: rejected when no attempt is in doubt, else unknown.

#include "messages/frame.hpp"
#include "runtime/ports/clock.hpp"

#include <cstddef>
#include <vector>

namespace us {

struct attempt {
  std::size_t target = 0;
  session_id session;
  request_sequence sequence;
  time_point sent_at;
  unsigned sends = 1;
  bool refused = false;  ///< certainly not executed
  bool late = false;     ///< its node has taken too long or is gone; another one may be asked
};

struct call {
  frame built;  ///< as it was sent last, or not yet
  bool idempotent = false;
  bool hedged = false;
  time_point submitted;
  time_point deadline;
  std::uint64_t affinity = 0;  ///< place of its key, for consistent hashing
  std::vector<attempt> attempts;

  bool in_doubt() const;
  /// Whether an attempt at this node is in doubt and not late.
  bool waits_for(std::size_t target) const;
  bool tried(std::size_t target) const;
  attempt* newest_open();
  const attempt* newest_open() const;
};

struct call_times {
  duration attempt_timeout{0};
  duration hedge_delay{0};  ///< 0: no hedging
  duration again{0};        ///< between two looks for a retry that the budget did not allow
  duration unsent{0};       ///< between two tries to send what nobody could be sent
};

enum class call_step : unsigned char {
  wait,    ///< nothing to do before due()
  expire,  ///< end it
  send,    ///< nobody has it: to any node
  retry,   ///< its node takes too long: to another one, when the budget allows
  hedge,   ///< to another one as well, when the budget allows
  resend,  ///< the same id to the same node
};

constexpr std::size_t attempts_max = 64;

/// Nothing was sent for a quarter of its time: the next attempt waits for no budget. So a budget
/// that is spent delays a request, but four nodes are asked before it fails.
bool overdue(const call& c, time_point now);

call_step next_step(const call& c, time_point now, const call_times& times);

/// When next_step should be asked again, if nothing happens before.
time_point due(const call& c, time_point now, const call_times& times);

}  // namespace us
