#include "runtime/live/neighbour_packets.hpp"

#include <gtest/gtest.h>

#include <cstdio>

namespace us {
namespace {

constexpr hardware_address own{2, 0, 0, 0, 0, 1};

std::string hex(const neighbour::packet& packet) {
  std::string text;
  char byte[3];
  for (const auto each : packet) {
    std::snprintf(byte, sizeof byte, "%02x", each);
    text += byte;
  }
  return text;
}

TEST(NeighbourPackets, AnnounceIPv4AsRequestAndAsReply) {
  const auto made = neighbour::announcements(own, *parse_ip_prefix("10.0.0.100/24"));
  ASSERT_EQ(made.size(), 2u);
  EXPECT_EQ(hex(made[0]),
            "ffffffffffff020000000001080600010800060400010200000000010a000064"
            "0000000000000a000064");
  EXPECT_EQ(hex(made[1]),
            "ffffffffffff020000000001080600010800060400020200000000010a000064"
            "ffffffffffff0a000064");
}

TEST(NeighbourPackets, AnnounceIPv6WithOverrideAndChecksum) {
  const auto made = neighbour::announcements(own, *parse_ip_prefix("fd00::100/64"));
  ASSERT_EQ(made.size(), 1u);
  EXPECT_EQ(hex(made[0]),
            "33330000000102000000000186dd6000000000203aff"
            "fd000000000000000000000000000100"
            "ff020000000000000000000000000001"
            "8800589d20000000"
            "fd000000000000000000000000000100"
            "0201020000000001");
}

TEST(NeighbourPackets, AreReadBackAsClaims) {
  for (const auto* text : {"10.0.0.100", "fd00::100"}) {
    const auto address = *parse_ip_prefix(text);
    for (const auto& packet : neighbour::announcements(own, address)) {
      const auto read = neighbour::read_claim(packet);
      ASSERT_TRUE(read);
      EXPECT_EQ(read->address, address);
      EXPECT_EQ(read->who, own);
    }
    EXPECT_FALSE(neighbour::read_claim(neighbour::probe(own, address))) << "a probe claims nothing";
  }
}

TEST(NeighbourPackets, CutAnywhereAreNoClaims) {
  for (const auto* text : {"10.0.0.100", "fd00::100"}) {
    const auto packet = neighbour::announcements(own, *parse_ip_prefix(text)).front();
    // Without its option an advertisement is still one; the sender's address stands for it.
    const auto whole = packet.size() - (packet.size() > 42 ? 8 : 0);
    for (std::size_t size = 0; size < whole; ++size)
      EXPECT_FALSE(neighbour::read_claim({packet.data(), size})) << text << ", " << size;
  }
}

}  // namespace
}  // namespace us
