#pragma once
/// DNS over TCP (RFC 7766): a thread for all connections. Several queries on one connection are
/// answered in their order.
///
/// Bounds: connections_max (beyond it the one that has been silent longest is closed for the new
/// one), queries of at most 4 KiB, 64 KiB of answers that wait for a slow reader, idle: what brings
/// no whole query and takes no answer for that long is closed.

#include "runtime/config/config.hpp"
#include "runtime/dns/answer_table.hpp"
#include "runtime/live/dns_counters.hpp"
#include "runtime/live/socket.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

namespace us {

struct dns_tcp_options {
  std::size_t connections_max = 256;
  std::chrono::milliseconds idle{5000};
};

class dns_tcp {
 public:
  static result<std::unique_ptr<dns_tcp>> open(const endpoint& where, const dns_tcp_options& how,
                                               std::shared_ptr<const dns::current_answers> answers,
                                               std::shared_ptr<metrics> count_into);
  ~dns_tcp();
  dns_tcp(const dns_tcp&) = delete;
  dns_tcp& operator=(const dns_tcp&) = delete;

  std::uint16_t port() const { return bound_port(listener_); }

 private:
  explicit dns_tcp(owned_socket s) : listener_(std::move(s)) {}

  owned_socket listener_;
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

}  // namespace us
