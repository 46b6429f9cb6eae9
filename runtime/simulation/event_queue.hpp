#pragma once
/// Events of a simulated run, ordered by virtual time and, at the same time, by the order in
/// which they were scheduled.

#include "messages/frame.hpp"
#include "runtime/ports/clock.hpp"
#include "runtime/task.hpp"

#include <caf/actor.hpp>

#include <cstdint>
#include <functional>
#include <vector>

namespace us::sim {

enum class event_kind : std::uint8_t {
  frame,          ///< arrives at node `to`
  damaged_frame,  ///< arrives with bits flipped
  timer,          ///< of node `to`
  disk_job,       ///< the job in front of lane `from` of node `to` ends
  call,           ///< of the simulation itself: faults, a test's after()
};

struct event {
  event_kind kind = event_kind::call;
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  std::uint64_t start = 0;  ///< timer, disk_job: which start of the node it belongs to
  time_point deadline{};    ///< timer: by the node's own clock
  frame content{};
  caf::actor receiver{};
  task work{};
  std::function<void()> call{};
};

class event_queue {
 public:
  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }
  duration next_time() const { return heap_.front().at; }

  void push(duration at, event e);
  /// The first one, removed.
  event pop();
  void clear();

 private:
  // Heap entries stay small: events themselves lie still in slots that are used again.
  struct entry {
    duration at;
    std::uint64_t sequence;
    std::uint32_t slot;
  };
  static bool later(const entry& x, const entry& y) {
    return x.at != y.at ? x.at > y.at : x.sequence > y.sequence;
  }

  std::vector<entry> heap_;
  std::vector<event> slots_;
  std::vector<std::uint32_t> free_;
  std::uint64_t sequence_ = 0;
};

}  // namespace us::sim
