#include "runtime/config/config.hpp"

#include <gtest/gtest.h>

namespace {

std::string refused(std::string_view text) {
  auto parsed = us::parse_endpoint(text);
  return parsed ? "accepted" : parsed.error().text;
}

TEST(Endpoint, ReadsAddressesAndNames) {
  for (auto text : {"127.0.0.1:7101", "[::1]:7101", "host.example:65535", "localhost:1"}) {
    auto parsed = us::parse_endpoint(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(us::to_string(*parsed), text);
  }
  EXPECT_EQ(us::parse_endpoint("[fe80::1]:80")->host, "fe80::1");
}

TEST(Endpoint, KnowsLoopback) {
  for (auto text : {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1"})
    EXPECT_TRUE(us::parse_endpoint(text)->loopback()) << text;
  for (auto text : {"10.0.0.1:1", "0.0.0.0:1", "[::]:1", "host.example:1", "128.0.0.1:1"})
    EXPECT_FALSE(us::parse_endpoint(text)->loopback()) << text;
}

TEST(Endpoint, SaysWhatIsWrong) {
  EXPECT_EQ(refused("127.0.0.1"),
            "\"127.0.0.1\" is no host:port (the port is missing), such as \"127.0.0.1:7101\"");
  EXPECT_EQ(refused("127.0.0.1:0"),
            "\"127.0.0.1:0\" is no host:port (the port must be 1 to 65535), such as "
            "\"127.0.0.1:7101\"");
  EXPECT_NE(refused("127.0.0.1:65536").find("the port must be 1 to 65535"), std::string::npos);
  EXPECT_NE(refused("a:12x").find("the port must be 1 to 65535"), std::string::npos);
  EXPECT_NE(refused("::1:7101").find("stands in brackets"), std::string::npos);
  EXPECT_NE(refused("[127.0.0.1]:80").find("no IPv6 address"), std::string::npos);
  for (auto text : {":80", "127.0.0.:80", "300.1.1.1:80", "a b:80", "-a:80", "a..b:80"})
    EXPECT_NE(refused(text).find("neither an address nor a DNS name"), std::string::npos) << text;
}

}  // namespace
