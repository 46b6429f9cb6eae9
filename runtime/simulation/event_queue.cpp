#include "runtime/simulation/event_queue.hpp"

#include <algorithm>
#include <utility>

namespace us::sim {

void event_queue::push(duration at, event e) {
  std::uint32_t slot;
  if (free_.empty()) {
    slot = static_cast<std::uint32_t>(slots_.size());
    slots_.push_back(std::move(e));
  } else {
    slot = free_.back();
    free_.pop_back();
    slots_[slot] = std::move(e);
  }
  heap_.push_back({at, sequence_++, slot});
  std::push_heap(heap_.begin(), heap_.end(), later);
}

event event_queue::pop() {
  std::pop_heap(heap_.begin(), heap_.end(), later);
  auto slot = heap_.back().slot;
  heap_.pop_back();
  free_.push_back(slot);
  // What it holds is moved out, so the slot keeps nothing alive.
  return std::move(slots_[slot]);
}

void event_queue::clear() {
  heap_.clear();
  free_.clear();
  // What an event holds may schedule again while it is destroyed.
  auto old = std::exchange(slots_, {});
}

}  // namespace us::sim
