#pragma once
/// A value in a history: nothing (null), a number or a string. Two values are equal when they are
/// of the same kind and equal; a number without a fraction is an integer, however it was written
/// (1.0 is 1).

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

namespace us {

using history_value = std::variant<std::monostate, std::int64_t, double, std::string>;

/// As JSON: null, 3, 0.5, "text". Long strings are cut in the middle.
std::string to_text(const history_value& v);

/// Integers stay exact: a whole number that a double holds exactly becomes an integer.
history_value number_value(double number);

inline bool is_null(const history_value& v) {
  return v.index() == 0;
}

}  // namespace us
