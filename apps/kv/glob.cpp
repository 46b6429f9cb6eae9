#include "apps/kv/glob.hpp"

#include <algorithm>

namespace kv {

namespace {

struct element {
  bool matches;
  std::size_t next;  ///< where the pattern goes on
};

// A class "[...]"; `at` is behind its '['. One that is never closed ends with the pattern. Ranges
// compare as signed bytes, in either order.
element match_class(std::string_view pattern, std::size_t at, char c) {
  const bool negated = at < pattern.size() && pattern[at] == '^';
  if (negated) ++at;
  bool found = false;
  while (at < pattern.size() && pattern[at] != ']') {
    const auto left = pattern.size() - at;
    if (left >= 2 && pattern[at] == '\\') {
      found |= pattern[at + 1] == c;
      at += 2;
    } else if (left >= 3 && pattern[at + 1] == '-') {
      const auto [low, high] = std::minmax(
          {static_cast<signed char>(pattern[at]), static_cast<signed char>(pattern[at + 2])});
      const auto value = static_cast<signed char>(c);
      found |= value >= low && value <= high;
      at += 3;
    } else {
      found |= pattern[at] == c;
      ++at;
    }
  }
  return {found != negated, std::min(at + 1, pattern.size())};
}

// One element that is not '*' against one character.
element match_one(std::string_view pattern, std::size_t at, char c) {
  switch (pattern[at]) {
    case '?': return {true, at + 1};
    case '[': return match_class(pattern, at + 1, c);
    case '\\':
      if (at + 1 < pattern.size()) ++at;
      return {pattern[at] == c, at + 1};
    default: return {pattern[at] == c, at + 1};
  }
}

}  // namespace

bool glob_match(std::string_view pattern, std::string_view text) {
  if (text.empty()) return pattern.empty();  // Redis: not even "*" matches nothing at all
  constexpr auto none = std::string_view::npos;
  std::size_t at = 0;
  std::size_t position = 0;
  std::size_t after_star = none;  // only the last '*' may have to take more
  std::size_t star_position = 0;
  while (position < text.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      after_star = ++at;
      star_position = position;
      continue;
    }
    const auto one =
        at < pattern.size() ? match_one(pattern, at, text[position]) : element{false, at};
    if (one.matches) {
      at = one.next;
      ++position;
    } else if (after_star != none) {
      at = after_star;
      position = ++star_position;
    } else {
      return false;
    }
  }
  while (at < pattern.size() && pattern[at] == '*') ++at;
  return at == pattern.size();
}

}  // namespace kv
