#pragma once
/// A recorded run as one HTML page that needs nothing else: nodes as lanes, roles as colours with
/// their epochs, faults as bars, frames as lines; zoom and move with the mouse, and read what
/// stands under it.

#include "actors/simulation/trace_recorder.hpp"

#include <string>

namespace us {

/// `title`: e.g. the seed and how it was run.
std::string trace_page(const trace_record& run, const std::string& title);

}  // namespace us
