#pragma once
/// An IPv4 or IPv6 address of an interface, with its prefix length: "10.0.0.100/24",
/// "fd00::100/64".
///
/// Errors: parse_ip_prefix() says what is wrong with the text and shows a right one.

#include "runtime/error.hpp"

#include <array>
#include <compare>
#include <string>
#include <string_view>

namespace us {

struct ip_prefix {
  bool v6 = false;
  std::array<unsigned char, 16> bytes{};  ///< network order; IPv4 uses the first four
  unsigned length = 0;                    ///< of the prefix, in bits

  friend auto operator<=>(const ip_prefix&, const ip_prefix&) = default;
};

/// With the prefix length.
std::string to_string(const ip_prefix& address);
/// Without it.
std::string address_text(const ip_prefix& address);
/// Without a length it is 32 or 128. Refused: multicast, loopback, unspecified.
result<ip_prefix> parse_ip_prefix(std::string_view text);

/// Of an Ethernet interface.
using hardware_address = std::array<unsigned char, 6>;
/// "02:42:ac:11:00:02"
std::string to_string(const hardware_address& address);

}  // namespace us
