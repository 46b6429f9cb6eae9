#pragma once
/// Ethernet frames by which hosts tell each other who has an address: ARP for IPv4, neighbour
/// discovery for IPv6. Bytes only: no socket.
///
/// Source: RFC 826, RFC 5227 (probe, announcement), RFC 4861 7.2.6 (unsolicited advertisement),
/// RFC 4862 5.4 (duplicate address detection).

#include "runtime/ports/address_owner.hpp"

#include <optional>
#include <span>
#include <vector>

namespace us::neighbour {

using packet = std::vector<unsigned char>;

/// "I have it, at this hardware address": every form that neighbours are known to learn from.
std::vector<packet> announcements(const hardware_address& own, const ip_prefix& address);
/// "Who has it?", asked without claiming anything.
packet probe(const hardware_address& own, const ip_prefix& address);

/// Somebody says that an address is at `who`.
struct claim {
  ip_prefix address;  ///< its length is that of a single address
  hardware_address who{};
};
/// Nothing when the frame is no claim, or is malformed. ARP: replies, requests and announcements,
/// but no probes. Neighbour discovery: advertisements.
std::optional<claim> read_claim(std::span<const unsigned char> frame);

}  // namespace us::neighbour
