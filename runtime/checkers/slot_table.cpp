#include "runtime/checkers/slot_table.hpp"

#include <algorithm>

namespace us {

namespace {

/// The most operations that are ever pending at once.
std::size_t most_pending(const object_states& states) {
  std::vector<std::size_t> ends;
  for (const auto& o : states.operations())
    if (!o.open()) ends.push_back(o.ended);
  std::ranges::sort(ends);
  std::size_t ended = 0;
  std::size_t begun = 0;
  std::size_t most = 0;
  for (const auto& o : states.operations()) {
    while (ended < ends.size() && ends[ended] < o.begun) ++ended;
    most = std::max(most, ++begun - ended);
  }
  return most;
}

}  // namespace

slot_table::slot_table(const object_states& states)
    : states_(states),
      layout_{most_pending(states)},
      at_(layout_.slots, free),
      helped_(layout_.slots, mask(layout_.words())) {}

void slot_table::note_helped(slot change, slot other) {
  const auto& all = states_.operations();
  if (all[at_[change]].changes() && states_.helps(all[at_[change]], all[at_[other]]))
    set_bit(helped_[change].data(), other);
}

slot_table::slot slot_table::take(std::uint32_t operation) {
  const auto taken = static_cast<slot>(std::ranges::find(at_, free) - at_.begin());
  at_[taken] = operation;
  std::ranges::fill(helped_[taken], 0u);
  for (slot s = 0; s < slots(); ++s) {
    if (at_[s] == free) continue;
    note_helped(taken, s);
    if (s != taken) note_helped(s, taken);
  }
  return taken;
}

std::vector<slot_table::slot> slot_table::spent(std::size_t position) const {
  std::vector<slot> found;
  for (slot s = 0; s < slots(); ++s) {
    if (at_[s] == free || !states_.operations()[at_[s]].open()) continue;
    const bool helps_pending = std::ranges::any_of(helped_[s], [](auto word) { return word != 0; });
    if (!helps_pending && states_.last_helped(states_.operations()[at_[s]]) <= position)
      found.push_back(s);
  }
  return found;
}

void slot_table::give_back(slot given) {
  at_[given] = free;
  for (auto& m : helped_) clear_bit(m.data(), given);
}

}  // namespace us
