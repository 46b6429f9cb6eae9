#pragma once
/// The answer to a packet: rules, no sockets. One function, called for every query.
///
/// Refuses what is outside the zone or not of class IN, zone transfers and other meta types; ANY
/// gets one small record (RFC 8482). "No such name" and "no such record" carry the SOA (RFC 2308).
/// The question comes back as it was asked, upper and lower case (0x20). What does not fit
/// into the datagram comes truncated and empty: the client asks again over TCP.

#include "runtime/dns/answer_table.hpp"
#include "runtime/dns/query.hpp"

#include <cstdint>
#include <span>

namespace us::dns {

/// The largest datagram that is sent, whatever the client allows: it needs no fragments.
constexpr std::size_t datagram_max = 1232;
constexpr std::size_t message_max = 65535;

enum class transport : unsigned char { udp, tcp };

/// What was done, for the metrics.
struct response {
  std::size_t size = 0;  ///< 0: nothing is sent
  rcode code = rcode::no_error;
  bool truncated = false;
};

/// Writes the response to `packet` into `into`, which holds datagram_max bytes for UDP and
/// message_max for TCP. `turn` grows with each answer that rotates. A null table: SERVFAIL.
response respond(const answer_table* table, packet_bytes packet, transport via, std::uint32_t& turn,
                 std::span<std::uint8_t> into);

/// The truncated, empty response to a packet: "ask over TCP". Size 0 when there is no question.
response respond_truncated(packet_bytes packet, std::span<std::uint8_t> into);

}  // namespace us::dns
