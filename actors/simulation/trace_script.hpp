#pragma once
/// The look and the script of a trace page.

#include <string_view>

namespace us {

std::string_view trace_style();
/// Draws `run` (see trace_page.cpp) on the canvas.
std::string_view trace_script();

}  // namespace us
