#include "apps/kv/numbers.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace kv {

namespace {

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) {
  const auto digits = text.substr(text.starts_with('-') ? 1 : 0);
  if (digits.empty() || (digits.front() == '0' && text.size() > 1)) return std::nullopt;
  std::int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<long double> parse_float(std::string_view text) {
  constexpr std::size_t length_max = 5 * 1024 - 1;  // the largest in full has 4933 digits
  if (text.empty() || text.size() > length_max || is_space(text.front())) return std::nullopt;
  const std::string terminated{text};
  char* end = nullptr;
  errno = 0;
  const long double value = std::strtold(terminated.c_str(), &end);
  if (end != terminated.c_str() + terminated.size()) return std::nullopt;
  const bool out_of_range = errno == ERANGE && (std::isinf(value) || value == 0);
  if (out_of_range || std::isnan(value)) return std::nullopt;
  return value;
}

std::string format_float(long double value) {
  // The largest long double has 4933 digits before the point.
  std::array<char, 5120> buffer{};
  const int printed = std::snprintf(buffer.data(), buffer.size(), "%.17Lf", value);
  std::string_view text{buffer.data(), static_cast<std::size_t>(printed)};
  if (text.find('.') != std::string_view::npos) {
    text = text.substr(0, text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.remove_suffix(1);
  }
  return std::string{text == "-0" ? "0" : text};
}

std::optional<std::uint64_t> parse_cursor(std::string_view text) {
  if (!text.empty() && is_space(text.front())) return std::nullopt;
  const std::string terminated{text};
  char* end = nullptr;
  errno = 0;
  const auto value = std::strtoull(terminated.c_str(), &end, 10);
  if (errno == ERANGE || end != terminated.c_str() + terminated.size()) return std::nullopt;
  return value;
}

}  // namespace kv
