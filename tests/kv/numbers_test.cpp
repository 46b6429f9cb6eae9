#include "apps/kv/numbers.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace kv {
namespace {

TEST(Numbers, AnIntegerHasOneSpelling) {
  EXPECT_EQ(parse_integer("0"), 0);
  EXPECT_EQ(parse_integer("-1"), -1);
  EXPECT_EQ(parse_integer("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parse_integer("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  for (auto* wrong : {"", "-", "-0", "+1", "01", "-01", " 1", "1 ", "1.0", "0x1", "a",
                      "9223372036854775808", "-9223372036854775809", "99999999999999999999999"})
    EXPECT_EQ(parse_integer(wrong), std::nullopt) << wrong;
}

TEST(Numbers, AFloatIsWhatStrtoldTakesExceptNaN) {
  EXPECT_EQ(parse_float("3.5"), 3.5L);
  EXPECT_EQ(parse_float("+1e3"), 1000.0L);
  EXPECT_EQ(parse_float("0x10"), 16.0L);
  EXPECT_EQ(parse_float("-inf"), -std::numeric_limits<long double>::infinity());
  for (auto* wrong : {"", " 1", "1 ", "nan", "1e99999", "1e-99999", "abc", "1,5"})
    EXPECT_EQ(parse_float(wrong), std::nullopt) << wrong;
  EXPECT_EQ(parse_float(std::string_view{"1\0", 2}), std::nullopt);
  EXPECT_EQ(parse_float(std::string(5120, '1')), std::nullopt);
}

TEST(Numbers, AFloatIsPrintedWithoutWhatDoesNotMatter) {
  EXPECT_EQ(format_float(10.5L), "10.5");
  EXPECT_EQ(format_float(5000), "5000");
  EXPECT_EQ(format_float(-0.0L), "0");
  EXPECT_EQ(format_float(0.1L), "0.1");
  EXPECT_EQ(format_float(1e20L), "100000000000000000000");
  EXPECT_EQ(format_float(std::numeric_limits<long double>::max()).size(), 4933u);
}

TEST(Numbers, ACursorIsUnsigned) {
  EXPECT_EQ(parse_cursor("0"), 0u);
  EXPECT_EQ(parse_cursor(""), 0u);
  EXPECT_EQ(parse_cursor("16383"), 16383u);
  EXPECT_EQ(parse_cursor("18446744073709551615"), 18446744073709551615u);
  for (auto* wrong : {"x", "1x", " 1", "18446744073709551616"})
    EXPECT_EQ(parse_cursor(wrong), std::nullopt) << wrong;
}

}  // namespace
}  // namespace kv
