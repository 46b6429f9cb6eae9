#pragma once
/// Whole Ethernet frames on one interface: sends any, receives those that say who has an address.
/// Never blocks. Needs CAP_NET_RAW.

#include "runtime/error.hpp"
#include "runtime/live/neighbour_packets.hpp"
#include "runtime/live/socket.hpp"

#include <optional>

namespace us {

class packet_socket {
 public:
  enum class family { arp, neighbour_discovery };
  static result<packet_socket> open(int interface, family what);

  int descriptor() const { return socket_.get(); }
  /// A frame that cannot be sent now is dropped: announcements are repeated anyway.
  void send(const neighbour::packet& frame) const;
  /// The next claim that has arrived; nothing when there is none. Other frames are skipped.
  std::optional<neighbour::claim> next() const;

 private:
  explicit packet_socket(owned_socket s) : socket_(std::move(s)) {}
  owned_socket socket_;
};

}  // namespace us
