#include "actors/dns/shared_view.hpp"

#include <algorithm>
#include <utility>

namespace us::dns {

bool shared_view::take(node_id from, stamp when, check_states states, time_point now) {
  auto& newest = newest_[from];
  if (when <= newest) return false;
  newest = when;
  states.resize(own_.size(), check_state::unknown);
  others_[from] = {when, std::move(states), now};
  return true;
}

bool shared_view::expire(time_point now) {
  return std::erase_if(others_,
                       [&](const auto& each) { return now - each.second.heard >= fresh_for_; }) > 0;
}

std::vector<tally> shared_view::count() const {
  std::vector<tally> counted(own_.size());
  auto add = [&counted](const check_states& states) {
    for (std::size_t i = 0; i < counted.size(); ++i) {
      counted[i].up += states[i] == check_state::up;
      counted[i].down += states[i] == check_state::down;
    }
  };
  add(own_);
  for (const auto& [node, view] : others_) add(view.states);
  return counted;
}

}  // namespace us::dns
