#include "runtime/live/packet_socket.hpp"

#include "runtime/live/posix_error.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

namespace us {

namespace {

failure cannot(const char* what) {
  const int number = errno;
  if (number == EPERM)
    return {errc::io_failed,
            "raw packets need CAP_NET_RAW: run it as root, or setcap cap_net_admin,cap_net_raw+ep"};
  return posix_failure(what, "a packet socket", number);
}

/// Of IPv6 only neighbour advertisements: next header at 20, ICMPv6 type at 54.
bool keep_advertisements(int descriptor) {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 20), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 58, 0, 3),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 54), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 136, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 256),         BPF_STMT(BPF_RET | BPF_K, 0)};
  const sock_fprog filter{sizeof program / sizeof *program, program};
  return ::setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0;
}

}  // namespace

result<packet_socket> packet_socket::open(int interface, family what) {
  const auto protocol = what == family::arp ? ETH_P_ARP : ETH_P_IPV6;
  // Without a protocol nothing arrives until the filter and the interface are set.
  owned_socket s{::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!s) return cannot("cannot open");
  if (what == family::neighbour_discovery && !keep_advertisements(s.get()))
    return cannot("cannot filter");
  sockaddr_ll at{};
  at.sll_family = AF_PACKET;
  at.sll_protocol = htons(static_cast<std::uint16_t>(protocol));
  at.sll_ifindex = interface;
  if (::bind(s.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0)
    return cannot("cannot bind");
  return packet_socket{std::move(s)};
}

void packet_socket::send(const neighbour::packet& frame) const {
  (void)retry_interrupted(
      [&] { return ::send(socket_.get(), frame.data(), frame.size(), MSG_DONTWAIT); });
}

std::optional<neighbour::claim> packet_socket::next() const {
  std::array<unsigned char, 256> frame;
  for (;;) {
    const auto size = retry_interrupted(
        [&] { return ::recv(socket_.get(), frame.data(), frame.size(), MSG_DONTWAIT); });
    if (size < 0) return std::nullopt;
    if (auto claim = neighbour::read_claim({frame.data(), static_cast<std::size_t>(size)}))
      return claim;
  }
}

}  // namespace us
