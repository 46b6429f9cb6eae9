#include "runtime/config/ip_prefix.hpp"

#include <gtest/gtest.h>

namespace us {
namespace {

TEST(IpPrefix, ReadsBothFamiliesWithAndWithoutALength) {
  for (const auto* text : {"10.0.0.100/24", "fd00::100/64", "192.168.1.1/32", "2001:db8::1/128"})
    EXPECT_EQ(to_string(*parse_ip_prefix(text)), text);
  EXPECT_EQ(to_string(*parse_ip_prefix("10.0.0.1")), "10.0.0.1/32");
  EXPECT_EQ(to_string(*parse_ip_prefix("fd00::1")), "fd00::1/128");
}

TEST(IpPrefix, RefusesWhatCannotMove) {
  for (const auto* text :
       {"", "x", "10.0.0", "10.0.0.1/", "10.0.0.1/0", "10.0.0.1/33", "fd00::1/129", "10.0.0.1/-1",
        "10.0.0.1/24x", "127.0.0.1/8", "224.0.0.1", "0.0.0.0/8", "::1", "::", "ff02::1"})
    EXPECT_FALSE(parse_ip_prefix(text)) << text;
}

}  // namespace
}  // namespace us
