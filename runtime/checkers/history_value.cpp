#include "runtime/checkers/history_value.hpp"

#include <charconv>
#include <cmath>

namespace us {

namespace {

constexpr std::size_t shown_max = 120;  ///< bytes of a string in a message

/// Printable ASCII as it is, everything else as \xNN: a message is one line whatever was read.
void append_quoted(std::string& to, const std::string& from, std::size_t begin, std::size_t end) {
  constexpr const char* digits = "0123456789abcdef";
  for (auto at = begin; at < end; ++at) {
    const auto byte = static_cast<unsigned char>(from[at]);
    if (byte == '"' || byte == '\\') to += '\\';
    if (byte >= 0x20 && byte < 0x7f)
      to += from[at];
    else
      (to += "\\x").append(1, digits[byte >> 4u]).append(1, digits[byte & 15u]);
  }
}

std::string quoted(const std::string& text) {
  std::string result = "\"";
  if (text.size() <= shown_max) {
    append_quoted(result, text, 0, text.size());
  } else {
    append_quoted(result, text, 0, shown_max / 2);
    result += "...(" + std::to_string(text.size()) + " bytes)...";
    append_quoted(result, text, text.size() - shown_max / 2, text.size());
  }
  return result + "\"";
}

std::string shortest(double number) {
  char digits[32];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), number);
  return {std::begin(digits), end.ptr};
}

struct text_of {
  std::string operator()(std::monostate) const { return "null"; }
  std::string operator()(std::int64_t number) const { return std::to_string(number); }
  std::string operator()(double number) const { return shortest(number); }
  std::string operator()(const std::string& text) const { return quoted(text); }
};

}  // namespace

std::string to_text(const history_value& v) {
  return std::visit(text_of{}, v);
}

history_value number_value(double number) {
  constexpr double exact_max = 9007199254740992.0;  // 2^53
  if (std::fabs(number) <= exact_max && std::trunc(number) == number)
    return static_cast<std::int64_t>(number);
  return number;
}

}  // namespace us
