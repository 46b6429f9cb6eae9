#pragma once
/// What a simulated run throws when it cannot go on: its text has the seed and the timeline's end.

#include <stdexcept>

namespace us {

struct simulation_failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace us
