#include "runtime/simulation/plan_duration.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>

namespace us {

namespace {

struct unit {
  std::string_view name;
  std::int64_t ns;
};
constexpr std::array<unit, 6> units{{{"h", 3'600'000'000'000},
                                     {"min", 60'000'000'000},
                                     {"s", 1'000'000'000},
                                     {"ms", 1'000'000},
                                     {"us", 1'000},
                                     {"ns", 1}}};

bool digit(char c) {
  return c >= '0' && c <= '9';
}

/// The digits in front of `text`, taken off; none when there are none or too many.
std::optional<std::int64_t> take_number(std::string_view& text, std::size_t digits_max) {
  std::size_t count = 0;
  std::int64_t value = 0;
  for (; count < text.size() && digit(text[count]); ++count) {
    if (count == digits_max) return std::nullopt;
    value = value * 10 + (text[count] - '0');
  }
  if (count == 0) return std::nullopt;
  text.remove_prefix(count);
  return value;
}

struct decimals {
  std::int64_t value = 0;
  std::int64_t scale = 1;  ///< a power of ten
};

std::optional<decimals> take_decimals(std::string_view& text) {
  decimals found;
  if (!text.starts_with('.')) return found;
  text.remove_prefix(1);
  const auto before = text.size();
  const auto value = take_number(text, 12);
  if (!value) return std::nullopt;
  found.value = *value;
  for (auto digits = before - text.size(); digits > 0; --digits) found.scale *= 10;
  return found;
}

}  // namespace

std::optional<duration> parse_duration(std::string_view text) {
  const auto whole = take_number(text, 17);
  if (!whole) return std::nullopt;
  const auto part = take_decimals(text);
  if (!part) return std::nullopt;
  const auto* of =
      std::find_if(units.begin(), units.end(), [&](const unit& u) { return u.name == text; });
  if (of == units.end() || *whole > written_duration_max.count() / of->ns) return std::nullopt;
  const auto common = std::gcd(of->ns, part->scale);
  if (part->value % (part->scale / common) != 0) return std::nullopt;
  const auto ns = *whole * of->ns + part->value / (part->scale / common) * (of->ns / common);
  if (ns > written_duration_max.count()) return std::nullopt;
  return duration{ns};
}

std::string write_duration(duration d) {
  const auto ns = d.count();
  // In seconds and below: hours and minutes would make plans hard to compare.
  const auto* of = std::find_if(units.begin() + 2, units.end() - 1,
                                [&](const unit& u) { return ns % u.ns == 0; });
  return std::to_string(ns / of->ns) + std::string{of->name};
}

}  // namespace us
