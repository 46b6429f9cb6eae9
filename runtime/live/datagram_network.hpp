#pragma once
/// The network port over UDP, for what is small, repeated anyway and must not wait: heartbeats. One
/// or more paths: every frame goes over each, so that one cable or switch may fail; what
/// arrives twice must be harmless to its receivers.
///
/// One socket per path; a thread receives and delivers to the node's directory. A datagram counts
/// only when it comes from the configured address of the node that it names, with the wire's
/// checksum, and is one whole frame. The kernel's "port unreachable" is passed on: that machine
/// lives, and no process listens there. Errors: open() says which address cannot be used.
/// Thread-safe.

#include "runtime/config/config.hpp"
#include "runtime/live/socket.hpp"
#include "runtime/node/context.hpp"
#include "runtime/ports/network.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <vector>

namespace us {

/// A network that joins the nodes; those that have no address on it are reached over others.
struct datagram_path {
  endpoint own;
  std::map<node_id, endpoint> peers;
};

class datagram_network final : public network {
 public:
  static constexpr std::size_t datagram_max = 1400;
  using refused_function = std::function<void(node_id)>;

  static result<std::shared_ptr<datagram_network>> open(const std::vector<datagram_path>& paths);
  ~datagram_network() override;

  /// Begins to deliver, to actors of this node. `refused` is called on the receiving thread.
  void start(const node_ptr& node, refused_function refused);
  /// Ends delivering: what this holds of the node is let go.
  void stop();

  errc send(node_id to, const frame& f) override;

 private:
  struct target {
    sockaddr_storage where{};
    socklen_t size = 0;
  };
  struct path {
    owned_socket socket;
    std::map<node_id, target> peers;
  };

  datagram_network() = default;
  status add(const datagram_path& from);
  void run();
  void receive(const path& from);
  void read_errors(const path& from);
  void deliver(const path& from, std::span<const std::byte> datagram, const sockaddr_storage& by);
  static node_id sender_of(const path& from, const sockaddr_storage& by);

  std::vector<path> paths_;
  owned_socket wakeup_;
  node_ptr node_;
  refused_function refused_;
  std::thread thread_;
};

}  // namespace us
