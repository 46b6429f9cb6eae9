#pragma once
/// Frames on their way to one peer: queued by any thread, taken by the loop. Bounded by bytes,
/// counted until the kernel has them, so that a peer that does not read costs no more.
///
/// Heartbeats overtake everything and are never refused for lack of room (there are at most a
/// few): a full queue must not make this node look dead.

#include "messages/frame.hpp"
#include "runtime/error.hpp"

#include <deque>
#include <mutex>

namespace us {

class outbox {
 public:
  explicit outbox(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  errc push(const frame& f);

  // -- the loop's side
  void open();
  /// Drops what is queued; from now on push answers unreachable.
  void close();
  /// Appends what is queued to `frames`; urgent ones go in front, but not before the
  /// first when `first_begun`.
  void take(std::deque<frame>& frames, bool first_begun);
  /// The kernel has taken so many bytes.
  void written(std::size_t bytes);

  std::size_t inflight() const;
  bool is_open() const;

 private:
  const std::size_t bytes_max_;
  mutable std::mutex mutex_;
  bool open_ = false;
  std::size_t inflight_ = 0;
  std::deque<frame> waiting_;
  std::deque<frame> urgent_;
};

}  // namespace us
