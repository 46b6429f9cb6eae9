// Addresses that follow the leader of a service: what is read, and one line for every mistake.
#include "runtime/config/config.hpp"

#include <gtest/gtest.h>

namespace {

using std::chrono::milliseconds;

/// [service.kv] is line 3, `keys` begin in line 4, [[node]] begin after them.
std::string with(const std::string& keys, unsigned nodes = 3, const std::string& of_node = "") {
  std::string text = "[cluster]\nname = \"x\"\n[service.kv]\n" + keys;
  for (unsigned i = 0; i < nodes; ++i)
    text += "[[node]]\nname = \"n" + std::to_string(i) +
            "\"\naddress = \"127.0.0.1:" + std::to_string(7000 + i) + "\"\ndata = \"data/" +
            std::to_string(i) + "\"\n" + of_node;
  return text;
}

us::result<us::cluster_config> read(const std::string& text) {
  return us::parse_config(text, "kv.toml", {.services = {"kv"}, .edge_keys = {}});
}

std::string error_of(const std::string& text) {
  const auto config = read(text);
  return config ? "no error" : config.error().text;
}

const std::string passive = "failover = \"active-passive\"\n";
const std::string addresses = "addresses = [\"10.0.0.5/24\", \"fd00::5/64\"]\n";
const std::string interface = "interface = \"eth0\"\n";

TEST(AddressConfig, HasALeaseByDefaultFromThreeNodesOn) {
  const auto three = read(with(passive + addresses + interface));
  ASSERT_TRUE(three) << three.error().text;
  const auto& kv = *(*three).find_service("kv");
  EXPECT_EQ(kv.failover, us::failover_pattern::active_passive);
  ASSERT_TRUE(kv.addresses);
  EXPECT_EQ(kv.addresses->addresses.size(), 2u);
  EXPECT_TRUE(kv.addresses->lease);
  EXPECT_EQ(kv.addresses->heartbeat, milliseconds{100});
  EXPECT_EQ(kv.addresses->lease_length, milliseconds{500});
  const auto two = read(with(passive + addresses + interface, 2));
  ASSERT_TRUE(two) << two.error().text;
  EXPECT_FALSE((*two).find_service("kv")->addresses->lease);
}

TEST(AddressConfig, NodesMayNameAnInterfaceOfTheirOwn) {
  const auto usual = read(with(passive + addresses + interface));
  ASSERT_TRUE(usual);
  EXPECT_EQ((*usual).nodes.front().interface, "eth0");
  const auto own = read(with(passive + addresses, 3, "interface = \"enp3s0\"\n"));
  ASSERT_TRUE(own) << own.error().text;
  EXPECT_EQ((*own).nodes.front().interface, "enp3s0");
}

TEST(AddressConfig, RefusesEachMistakeInOneLine) {
  EXPECT_EQ(error_of(with(passive)),
            "kv.toml:3: service.kv.addresses: missing; name at least one, such as "
            "[\"10.0.0.100/24\"]");
  EXPECT_EQ(
      error_of(with(passive + addresses)),
      "kv.toml:3: service.kv.interface: missing; name the interface that holds the addresses, "
      "such as \"eth0\", here or in each [[node]]; n0 has none");
  EXPECT_EQ(error_of(with(addresses)),
            "kv.toml:4: service.kv.addresses: addresses follow the leader only with failover = "
            "\"active-passive\"");
  EXPECT_EQ(error_of(with(passive + "replication = \"none\"\n" + addresses)),
            "kv.toml:4: service.kv.failover: \"active-passive\" needs replication = "
            "\"leader-follower\": the leader is the active; for a server without replication there "
            "is guard");
  EXPECT_EQ(error_of(with(passive + addresses + interface + "safety = \"lease\"\n", 2)),
            "kv.toml:7: service.kv.safety: \"lease\" needs three nodes, so that a majority is left "
            "when one fails");
  EXPECT_EQ(
      error_of(with(passive + addresses + interface + "lease_ms = 100\n")),
      "kv.toml:7: service.kv.lease_ms: must be at least three times heartbeat_ms, so that two "
      "renewals may fail");
  EXPECT_EQ(error_of(with(passive + "addresses = [\"10.0.0.5/24\", \"10.0.0.5/24\"]\n")),
            "kv.toml:5: service.kv.addresses: 10.0.0.5/24 stands twice");
  EXPECT_EQ(error_of(with("", 3, "interface = \"eth0\"\n")),
            "kv.toml:8: node.interface: unknown key; known are name, address, admin, data or "
            "priority");
}

}  // namespace
