#include "runtime/dns/query.hpp"

#include <ldns/ldns.h>

#include <memory>

namespace us::dns {

namespace {

constexpr std::size_t name_max = 255;
constexpr std::size_t label_max = 63;
constexpr std::size_t opt_size = 11;
constexpr std::uint16_t opt_type = 41;

std::uint16_t number_at(packet_bytes packet, std::size_t at) {
  return static_cast<std::uint16_t>(packet[at] << 8 | packet[at + 1]);
}

char lower(std::uint8_t byte) {
  return static_cast<char>(byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte);
}

// False: no whole question without compression.
bool read_question(packet_bytes packet, query& into) {
  std::size_t size = 0;
  for (;;) {
    if (header_size + size >= packet.size()) return false;
    const std::size_t label = packet[header_size + size];
    if (label > label_max || size + label + 1 > name_max) return false;
    if (header_size + size + label + 1 > packet.size()) return false;
    into.lower[size++] = static_cast<char>(label);
    if (label == 0) break;
    for (std::size_t i = 0; i < label; ++i, ++size)
      into.lower[size] = lower(packet[header_size + size]);
  }
  if (header_size + size + 4 > packet.size()) return false;
  into.type = number_at(packet, header_size + size);
  into.klass = number_at(packet, header_size + size + 2);
  into.question_size = size + 4;
  return true;
}

// A lone OPT record to the end of the packet (RFC 6891).
bool read_opt(packet_bytes packet, query& into) {
  const auto at = header_size + into.question_size;
  if (packet.size() < at + opt_size || packet[at] != 0) return false;
  if (number_at(packet, at + 1) != opt_type) return false;
  if (number_at(packet, at + 9) != packet.size() - at - opt_size) return false;
  into.edns = true;
  into.edns_size = number_at(packet, at + 3);
  into.edns_version = packet[at + 6];
  into.dnssec_ok = (packet[at + 7] & 0x80) != 0;
  return true;
}

bool read_unusual(packet_bytes packet, query& into) {
  ldns_pkt* parsed = nullptr;
  if (ldns_wire2pkt(&parsed, packet.data(), packet.size()) != LDNS_STATUS_OK) return false;
  const std::unique_ptr<ldns_pkt, decltype(&ldns_pkt_free)> packet_read{parsed, &ldns_pkt_free};
  into.edns = ldns_pkt_edns(parsed);
  if (!into.edns) return true;
  // ldns takes OPT out of the additional section. Two are an error.
  if (number_at(packet, 10) - ldns_pkt_arcount(parsed) > 1) return false;
  into.edns_size = ldns_pkt_edns_udp_size(parsed);
  into.edns_version = ldns_pkt_edns_version(parsed);
  into.dnssec_ok = ldns_pkt_edns_do(parsed);
  return true;
}

}  // namespace

verdict read_query(packet_bytes packet, query& into) {
  if (packet.size() < header_size || (packet[2] & 0x80) != 0) return verdict::drop;
  if ((packet[2] & 0x78) != 0) return verdict::not_implemented;
  if (number_at(packet, 4) != 1 || !read_question(packet, into)) return verdict::form_error;
  into.edns = false;
  const bool others = number_at(packet, 6) != 0 || number_at(packet, 8) != 0;
  const auto additionals = number_at(packet, 10);
  const auto ends = packet.size() == header_size + into.question_size;
  if (!others && additionals == 0 && ends) return verdict::good;
  if (!others && additionals == 1 && read_opt(packet, into)) return verdict::good;
  return read_unusual(packet, into) ? verdict::good : verdict::form_error;
}

}  // namespace us::dns
