#pragma once
/// Hosts and a client on a switch, in network namespaces. Each host has a server that answers
/// datagrams with the host's name, at any address of the host; the client asks the virtual address
/// every 2 ms and keeps what it is answered.

#include "tests/support/network_namespaces.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace us::test {

using test_clock = std::chrono::steady_clock;

class probed_hosts {
 public:
  static constexpr const char* address = "10.77.0.100";

  explicit probed_hosts(std::vector<std::string> hosts);
  ~probed_hosts();
  probed_hosts(const probed_hosts&) = delete;
  probed_hosts& operator=(const probed_hosts&) = delete;

  network_namespaces& net() { return net_; }
  const network_namespaces& net() const { return net_; }
  const std::vector<std::string>& hosts() const { return hosts_; }

  /// All of these wait for an event up to a generous deadline.
  bool answered_by(const std::string& host, int in_a_row = 10);
  bool address_is_only_at(const std::string& host);
  bool eventually(const std::function<bool()>& holds);

  /// The longest time without an answer between two moments.
  std::chrono::microseconds longest_gap(test_clock::time_point from, test_clock::time_point to);
  /// How long the client itself could not ask at most, being not scheduled: part of the gap then.
  std::chrono::microseconds longest_pause(test_clock::time_point from, test_clock::time_point to);
  /// How many answers came from a host since then.
  int answers(const std::string& host, test_clock::time_point since);

 private:
  struct answer {
    test_clock::time_point when;
    std::string who;
  };
  void serve(int socket, const std::string& name);
  void ask(int socket);

  network_namespaces net_;
  std::vector<std::string> hosts_;
  std::atomic<bool> ending_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<answer> answers_;
  std::vector<std::pair<test_clock::time_point, std::chrono::microseconds>>
      pauses_;  ///< end, length
  std::vector<std::thread> threads_;
};

/// A program in the background with both outputs appended to a file; its process id.
int spawn_program(const std::vector<std::string>& words, const std::string& output);

}  // namespace us::test
