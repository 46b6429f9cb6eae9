// guard's configuration: what it reads, and one line for every mistake.
#include "apps/guard/guard_config.hpp"

#include <gtest/gtest.h>

namespace guard {
namespace {

using namespace std::chrono_literals;

const std::string good = R"([cluster]
name = "web"

[vip]
addresses = ["10.0.0.100/24", "fd00::100/64"]

[[node]]
name = "a"
address = "127.0.0.1:7101"
data = "data/a"
interface = "e0"
priority = 150

[[node]]
name = "b"
address = "127.0.0.1:7102"
data = "data/b"
interface = "e0"
)";

std::string with(const std::string& what, const std::string& instead) {
  auto text = good;
  const auto at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), instead);
}

std::string error_of(const std::string& text) {
  const auto read = parse(text, "guard.toml");
  return read ? "" : read.error().text;
}

TEST(GuardConfig, HasDefaultsOfTheProfile) {
  const auto read = parse(good, "guard.toml");
  ASSERT_TRUE(read) << read.error().text;
  EXPECT_EQ((*read).timing.heartbeat, 20ms);
  EXPECT_EQ((*read).timing.lease, 100ms);
  EXPECT_EQ((*read).safety, us::active_passive::safety::heartbeat);
  EXPECT_EQ((*read).addresses.size(), 2u);
  EXPECT_EQ((*read).nodes.at("a").priority, 150u);
  EXPECT_EQ((*read).nodes.at("b").priority, 100u);
}

TEST(GuardConfig, ReadsServersAndHooks) {
  const auto read = parse(good + R"([server.web]
address = "127.0.0.1:80"
check = { type = "http", path = "/healthz", interval_ms = 200, timeout_ms = 100, rise = 1, fall = 2 }
[hook]
active = ["/usr/local/bin/notify", "x"]
)",
                          "guard.toml");
  ASSERT_TRUE(read) << read.error().text;
  ASSERT_EQ((*read).checks.size(), 1u);
  EXPECT_EQ((*read).checks[0].name, "web");
  EXPECT_EQ((*read).checks[0].check.interval, 200ms);
  EXPECT_EQ((*read).hooks.active.size(), 2u);
}

TEST(GuardConfig, RefusesEachMistakeInOneLineWithFileLineAndKey) {
  const std::vector<std::pair<std::string, std::string>> mistakes{
      {with("priority = 150", "prioritty = 150"),
       "guard.toml:12: node.prioritty: unknown key; did you mean priority?"},
      {with("priority = 150", "priority = 255"),
       "guard.toml:12: node.priority: must be from 1 to 254, is 255"},
      {with("priority = 150", "priority = \"high\""),
       "guard.toml:12: node.priority: must be an integer, is a string"},
      {with("\"10.0.0.100/24\"", "\"10.0.0.300/24\""),
       "guard.toml:5: vip.addresses: \"10.0.0.300/24\" is no address of an interface (no IP "
       "address), such as \"10.0.0.100/24\" or \"fd00::100/64\""},
      {with("\"fd00::100/64\"", "\"10.0.0.100/24\""),
       "guard.toml:5: vip.addresses: 10.0.0.100/24 stands twice"},
      {with("name = \"b\"", "name = \"a\""),
       "guard.toml:15: node.name: another node is called \"a\""},
      {with("127.0.0.1:7102", "127.0.0.1:7101"),
       "guard.toml:16: node.address: 127.0.0.1:7101 is taken by node a's address"},
      {with("[\"10.0.0.100/24\", \"fd00::100/64\"]", "[\"10.0.0.100/24\"]\nsafety = \"lease\""),
       "guard.toml:1: vip.safety: \"lease\" needs three nodes, so that a majority is left when one "
       "fails; the third may be a witness"},
      {with("127.0.0.1:7102", "10.0.0.2:7102"),
       "guard.toml:16: node.address: 10.0.0.2:7102 is beyond loopback: that needs TLS, which is "
       "not available yet, or insecure = true in [cluster] on a network that you trust"},
  };
  for (const auto& [text, line] : mistakes) EXPECT_EQ(error_of(text), line);
}

}  // namespace
}  // namespace guard
