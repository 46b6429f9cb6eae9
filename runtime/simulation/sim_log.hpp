#pragma once
/// Log port in simulation: everything goes into the run's timeline and its hash. An actor that
/// failed on ensure() fails the run.

#include "runtime/ports/log_sink.hpp"

#include <memory>

namespace us::sim {

class incarnation;

std::shared_ptr<log_sink> make_log_port(std::shared_ptr<incarnation> who);

}  // namespace us::sim
