#include "runtime/health/check.hpp"

namespace us {

std::string to_string(check_state state) {
  switch (state) {
    case check_state::unknown: return "unknown";
    case check_state::up: return "up";
    case check_state::down: return "down";
  }
  return "?";
}

bool check_history::add(bool well) {
  const auto says = well ? check_state::up : check_state::down;
  if (says == state_) {
    against_ = 0;
    return false;
  }
  ++against_;
  if (state_ != check_state::unknown && against_ < (well ? rise_ : fall_)) return false;
  state_ = says;
  against_ = 0;
  return true;
}

}  // namespace us
