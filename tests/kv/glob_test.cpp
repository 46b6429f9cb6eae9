#include "apps/kv/glob.hpp"

#include <gtest/gtest.h>

#include <string>

namespace kv {
namespace {

struct golden {
  const char* pattern;
  const char* text;
  bool matches;
};

// Compared with a Redis 7.0 server by redis_differential_test.
constexpr golden table[] = {
    {"*", "a", true},
    {"*", "", false},
    {"", "", true},
    {"", "a", false},
    {"a", "a", true},
    {"a", "b", false},
    {"a*c", "abbc", true},
    {"a*c", "abb", false},
    {"a**c", "ac", true},
    {"a*", "a", true},
    {"?", "a", true},
    {"?", "ab", false},
    {"h[ae]llo", "hello", true},
    {"h[ae]llo", "hillo", false},
    {"h[^e]llo", "hallo", true},
    {"h[^e]llo", "hello", false},
    {"h[a-b]llo", "hbllo", true},
    {"h[b-a]llo", "hallo", true},
    {"[a", "a", true},
    {"[", "a", false},
    {"[^", "a", true},
    {"[]", "]", false},
    {"[\\]]", "]", true},
    {"[a-]", "a", true},
    {"\\*", "*", true},
    {"\\*", "a", false},
    {"\\", "\\", true},
    {"*a*b*c", "xaxbxc", true},
    {"*a*b*c", "xaxcxb", false},
    {"[a-c]*[x-z]", "bz", true},
    {"key:??", "key:12", true},
    {"key:??", "key:1", false},
    {"*[0-9]", "ab9", true},
};

TEST(Glob, MatchesAsRedisDoes) {
  for (const auto& each : table)
    EXPECT_EQ(glob_match(each.pattern, each.text), each.matches)
        << each.pattern << " on " << each.text;
}

TEST(Glob, ManyStarsCostNoMoreThanPatternTimesText) {
  std::string pattern;
  for (int i = 0; i < 2000; ++i) pattern += "a*";
  EXPECT_FALSE(glob_match(pattern + "b", std::string(20'000, 'a')));
}

}  // namespace
}  // namespace kv
