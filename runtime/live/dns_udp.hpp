#pragma once
/// DNS over UDP: a socket and a thread that takes queries and sends responses in batches.
///
/// The thread touches no actor: it reads the current table of answers, once per batch.
/// Bounds: one response per query, at most datagram_max bytes; the rate limit per source.
/// Sources on loopback cannot be forged from outside and are not limited unless told so.

#include "runtime/config/config.hpp"
#include "runtime/dns/answer_table.hpp"
#include "runtime/live/dns_counters.hpp"
#include "runtime/live/socket.hpp"

#include <atomic>
#include <memory>
#include <thread>

namespace us {

struct dns_udp_options {
  std::uint32_t responses_per_second = 0;  ///< per source network; 0: no limit
  std::uint64_t seed = 0;
  bool limit_loopback = false;
};

class dns_udp {
 public:
  /// Takes the port and starts answering. Errors are one line for a person.
  static result<std::unique_ptr<dns_udp>> open(const endpoint& where, const dns_udp_options& how,
                                               std::shared_ptr<const dns::current_answers> answers,
                                               std::shared_ptr<metrics> count_into);
  ~dns_udp();
  dns_udp(const dns_udp&) = delete;
  dns_udp& operator=(const dns_udp&) = delete;

  std::uint16_t port() const { return bound_port(socket_); }

 private:
  explicit dns_udp(owned_socket s) : socket_(std::move(s)) {}

  owned_socket socket_;
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

}  // namespace us
