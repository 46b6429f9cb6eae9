#pragma once
/// What a supervisor decides, as rules without actors, clocks or I/O: who is restarted,
/// how soon, and when restarting is given up. Usable by any actor that replaces others.
///
/// Source: Erlang/OTP's supervisor behaviour (restart kinds, strategies, intensity);
/// backoff: exponential with equal jitter, so that a delay is never near zero.

#include "runtime/ports/clock.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>

namespace us {

/// When a child that ended is started again.
enum class restart : unsigned char {
  permanent,  ///< always
  transient,  ///< when it ended with an error
  temporary,  ///< never
};

/// Whom the end of one child takes along.
enum class strategy : unsigned char {
  one_for_one,   ///< nobody
  one_for_all,   ///< every sibling
  rest_for_one,  ///< the siblings started after it
};

/// Bounds on restarting. `restarts_max` restarts within `window` are tolerated, one more
/// ends the supervisor with an error.
struct restart_policy {
  std::size_t restarts_max = 5;
  duration window = std::chrono::seconds{10};
  duration backoff_min = std::chrono::milliseconds{50};
  duration backoff_max = std::chrono::seconds{5};
};

namespace supervision {

/// `in_order`: the child ended without an error (normally, or shut down on purpose).
bool restarts(restart kind, bool in_order);

/// First of the children, by position, that end together with the one at `failed`.
std::size_t first_affected(strategy kind, std::size_t failed);
/// One past the last of them, of `count` children.
std::size_t end_affected(strategy kind, std::size_t failed, std::size_t count);

/// Delay before the `attempt`th restart in a row (from 1): half of min(backoff_min *
/// 2^(attempt-1), backoff_max), plus up to the other half by `chance`.
duration backoff(const restart_policy& policy, std::size_t attempt, std::uint64_t chance);

/// Counts restarts within a sliding window.
class restart_window {
 public:
  explicit restart_window(const restart_policy& policy) : policy_(policy) {}

  /// Notes a restart at `now`. False: it is one too many.
  [[nodiscard]] bool allows(time_point now);
  std::size_t count() const { return times_.size(); }

 private:
  restart_policy policy_;
  std::deque<time_point> times_;
};

/// Counts failures in a row: a child that ran for a whole window starts again at 1.
class failure_streak {
 public:
  /// The child started at `started` and ended at `now`. Returns the attempt that follows.
  std::size_t failed(const restart_policy& policy, time_point started, time_point now);

 private:
  std::size_t attempts_ = 0;
};

}  // namespace supervision

}  // namespace us
