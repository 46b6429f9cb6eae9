#pragma once
/// Numbers as Redis reads and prints them. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kv {

/// The whole text is one decimal integer in its only spelling: no spaces, '+', "-0" or leading
/// zeros.
std::optional<std::int64_t> parse_integer(std::string_view text);

/// The whole text is one number as C's strtold takes it, except NaN and what is out of range.
/// Infinities are numbers.
std::optional<long double> parse_float(std::string_view text);

/// At most 17 digits after the point and no zeros at the end.
std::string format_float(long double value);

/// A SCAN cursor: what C's strtoul takes without leading space. Nothing is 0.
std::optional<std::uint64_t> parse_cursor(std::string_view text);

}  // namespace kv
