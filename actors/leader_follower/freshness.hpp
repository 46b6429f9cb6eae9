#pragma once
/// How new a replica's state is known to be, for reads that it answers itself. Pure.
///
/// A replica asks its leader how far the group is. The leader answers with an index once its
/// leadership was confirmed after the question came. So whoever has applied that index has
/// all that was committed when the question was asked, by the asker's own clock: no clock of
/// another node counts. What was learnt stays true whoever leads later.

#include "messages/ids.hpp"
#include "runtime/ports/clock.hpp"
#include "runtime/service/read_policy.hpp"

#include <deque>
#include <optional>

namespace us {

/// All that was committed at `as_of` is in entries up to `index`.
struct read_point {
  time_point as_of;
  log_index index;
};

class freshness {
 public:
  /// Points may come in any order.
  void learn(const read_point& point, log_index applied);
  /// To be called when more is applied.
  void reach(log_index applied);

  /// The state has all that was committed then; nullopt: not known.
  std::optional<time_point> as_of() const { return as_of_; }
  /// The newest point known, reached or not.
  std::optional<time_point> newest() const;

 private:
  static constexpr std::size_t ahead_max = 64;
  std::optional<time_point> as_of_;
  std::deque<read_point> ahead_;  ///< not reached yet, by time and by index
};

/// What a read that waits needs: a state as of that time or later; nullopt: any.
std::optional<time_point> wanted_as_of(const read_policy& how, time_point arrived);

/// `applied`: what the state has, if it is exact (else none).
bool may_answer(const read_policy& how, time_point arrived, log_index applied,
                std::optional<time_point> as_of);

}  // namespace us
