#pragma once
/// Durations as people write them in fault plans: "1.25s", "300us". Exact to the nanosecond, in
/// whole numbers only, so that what is written is what is read.

#include "runtime/ports/clock.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace us {

/// Longest duration that is read: 10,000 hours.
constexpr duration written_duration_max = std::chrono::hours{10'000};

/// A number, perhaps with decimals, and ns, us, ms, s, min or h. None: it is something else,
/// negative, longer than the longest, or has parts of a nanosecond.
std::optional<duration> parse_duration(std::string_view text);
/// In the largest of these units that holds it without decimals.
std::string write_duration(duration d);

}  // namespace us
