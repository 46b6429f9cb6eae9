#include "runtime/live/neighbour_packets.hpp"

#include <algorithm>
#include <cstdint>

namespace us::neighbour {

namespace {

constexpr std::size_t ethernet_bytes = 14;
constexpr std::size_t arp_bytes = 28;
constexpr std::size_t ipv6_bytes = 40;
constexpr std::size_t neighbour_bytes =
    24;  ///< of a solicitation or advertisement, without options
constexpr std::size_t option_bytes = 8;
constexpr std::uint16_t type_arp = 0x0806;
constexpr std::uint16_t type_ipv6 = 0x86dd;
constexpr unsigned char next_icmpv6 = 58;
constexpr unsigned char solicitation = 135;
constexpr unsigned char advertisement = 136;
constexpr unsigned char override_flag = 0x20;
constexpr hardware_address everybody{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

class writer {
 public:
  writer& byte(unsigned value) {
    bytes_.push_back(static_cast<unsigned char>(value));
    return *this;
  }
  writer& word(unsigned value) { return byte(value >> 8).byte(value & 0xff); }
  writer& raw(std::span<const unsigned char> from) {
    bytes_.insert(bytes_.end(), from.begin(), from.end());
    return *this;
  }
  writer& zeros(std::size_t count) {
    bytes_.resize(bytes_.size() + count);
    return *this;
  }
  writer& ethernet(const hardware_address& to, const hardware_address& from, unsigned type) {
    return raw(to).raw(from).word(type);
  }
  packet take() { return std::move(bytes_); }

 private:
  packet bytes_;
};

packet arp(unsigned operation, const hardware_address& own, std::span<const unsigned char> sender,
           const hardware_address& target_hardware, std::span<const unsigned char> target) {
  writer w;
  w.ethernet(everybody, own, type_arp).word(1).word(0x0800).byte(6).byte(4).word(operation);
  w.raw(own).raw(sender).raw(target_hardware).raw(target);
  return w.take();
}

// RFC 1071 over the pseudo header (RFC 8200 8.1) and the ICMPv6 message.
void fill_checksum(packet& frame) {
  const std::size_t message = ethernet_bytes + ipv6_bytes;
  std::uint32_t sum = static_cast<std::uint32_t>(frame.size() - message) + next_icmpv6;
  const auto add = [&](std::size_t from, std::size_t to) {
    for (auto i = from; i + 1 < to; i += 2)
      sum += static_cast<std::uint32_t>(frame[i] << 8 | frame[i + 1]);
  };
  add(ethernet_bytes + 8, ethernet_bytes + ipv6_bytes);  // both addresses
  add(message, frame.size());
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  frame[message + 2] = static_cast<unsigned char>(~sum >> 8);
  frame[message + 3] = static_cast<unsigned char>(~sum);
}

writer& ipv6(writer& w, std::size_t payload, std::span<const unsigned char> from,
             std::span<const unsigned char> to) {
  return w.byte(0x60)
      .zeros(3)
      .word(static_cast<unsigned>(payload))
      .byte(next_icmpv6)
      .byte(255)
      .raw(from)
      .raw(to);
}

packet advertise(const hardware_address& own, const ip_prefix& address) {
  constexpr std::array<unsigned char, 16> all_nodes{0xff, 2, 0, 0, 0, 0, 0, 0,
                                                    0,    0, 0, 0, 0, 0, 0, 1};
  writer w;
  w.ethernet({0x33, 0x33, 0, 0, 0, 1}, own, type_ipv6);
  ipv6(w, neighbour_bytes + option_bytes, address.bytes, all_nodes);
  w.byte(advertisement).byte(0).word(0).byte(override_flag).zeros(3).raw(address.bytes);
  w.byte(2).byte(1).raw(own);  // target link-layer address
  auto made = w.take();
  fill_checksum(made);
  return made;
}

packet solicit(const hardware_address& own, const ip_prefix& address) {
  const auto& a = address.bytes;
  const std::array<unsigned char, 16> nobody{};
  const std::array<unsigned char, 16> group{0xff, 2, 0, 0, 0,    0,     0,     0,
                                            0,    0, 0, 1, 0xff, a[13], a[14], a[15]};
  writer w;
  w.ethernet({0x33, 0x33, 0xff, a[13], a[14], a[15]}, own, type_ipv6);
  ipv6(w, neighbour_bytes, nobody, group);
  w.byte(solicitation).byte(0).word(0).zeros(4).raw(a);
  auto made = w.take();
  fill_checksum(made);
  return made;
}

std::optional<claim> read_arp(std::span<const unsigned char> body) {
  if (body.size() < arp_bytes || body[4] != 6 || body[5] != 4) return std::nullopt;
  claim read;
  std::copy_n(body.begin() + 8, 6, read.who.begin());
  std::copy_n(body.begin() + 14, 4, read.address.bytes.begin());
  read.address.length = 32;
  const bool probes = std::all_of(body.begin() + 14, body.begin() + 18,
                                  [](unsigned char byte) { return byte == 0; });
  if (probes) return std::nullopt;
  return read;
}

std::optional<claim> read_advertisement(std::span<const unsigned char> frame) {
  const auto body = frame.subspan(ethernet_bytes);
  if (body.size() < ipv6_bytes + neighbour_bytes || body[6] != next_icmpv6 || body[7] != 255 ||
      body[ipv6_bytes] != advertisement)
    return std::nullopt;
  claim read;
  read.address.v6 = true;
  read.address.length = 128;
  std::copy_n(body.begin() + ipv6_bytes + 8, 16, read.address.bytes.begin());
  const auto option = body.subspan(ipv6_bytes + neighbour_bytes);
  if (option.size() >= option_bytes && option[0] == 2 && option[1] == 1)
    std::copy_n(option.begin() + 2, 6, read.who.begin());
  else
    std::copy_n(frame.begin() + 6, 6, read.who.begin());
  return read;
}

}  // namespace

std::vector<packet> announcements(const hardware_address& own, const ip_prefix& address) {
  if (address.v6) return {advertise(own, address)};
  const std::span<const unsigned char> ip{address.bytes.data(), 4};
  return {arp(1, own, ip, {}, ip), arp(2, own, ip, everybody, ip)};
}

packet probe(const hardware_address& own, const ip_prefix& address) {
  if (address.v6) return solicit(own, address);
  constexpr std::array<unsigned char, 4> nobody{};
  return arp(1, own, nobody, {}, {address.bytes.data(), 4});
}

std::optional<claim> read_claim(std::span<const unsigned char> frame) {
  if (frame.size() < ethernet_bytes) return std::nullopt;
  const auto type = static_cast<unsigned>(frame[12] << 8 | frame[13]);
  if (type == type_arp) return read_arp(frame.subspan(ethernet_bytes));
  if (type == type_ipv6) return read_advertisement(frame);
  return std::nullopt;
}

}  // namespace us::neighbour
