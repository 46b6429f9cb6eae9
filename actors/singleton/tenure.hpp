#pragma once
/// Until when an instance may act, by its node's clock. Written by the host, read by the instance
/// before it handles anything, so that one that was not scheduled in time does nothing any more.

#include "runtime/ports/clock.hpp"

#include <atomic>

namespace us {

class tenure {
 public:
  explicit tenure(time_point until) : until_(until.time_since_epoch().count()) {}

  bool holds(time_point now) const { return !over_ && now < until(); }
  time_point until() const { return time_point{duration{until_.load()}}; }
  /// Only ever later.
  void extend(time_point until) {
    if (until > this->until()) until_ = until.time_since_epoch().count();
  }
  /// For good.
  void end() { over_ = true; }

 private:
  std::atomic<duration::rep> until_;
  std::atomic<bool> over_{false};
};

}  // namespace us
