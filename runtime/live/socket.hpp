#pragma once
/// TCP sockets as this framework wants them: closed on exec, never blocking the loop.

#include "runtime/config/config.hpp"
#include "runtime/error.hpp"

#include <memory>
#include <string>
#include <utility>

namespace us {

/// Closes its descriptor.
class owned_socket {
 public:
  owned_socket() = default;
  explicit owned_socket(int descriptor) : descriptor_(descriptor) {}
  owned_socket(owned_socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  owned_socket& operator=(owned_socket&& other) noexcept;
  ~owned_socket();

  int get() const { return descriptor_; }
  int release() { return std::exchange(descriptor_, -1); }
  explicit operator bool() const { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

/// A listening socket. Blocks for a name that must be resolved. `what` names the address in
/// errors: "address 127.0.0.1:7101 of node a is in use ...". Port 0: the system chooses.
result<owned_socket> listen_on(const endpoint& where, const std::string& what);

/// A UDP socket, blocking; otherwise as listen_on().
result<owned_socket> bind_datagrams(const endpoint& where, const std::string& what);

/// The port that a socket is bound to; 0 when it is not.
std::uint16_t bound_port(const owned_socket& s);

/// "127.0.0.1:41234" of the other side; "unknown" when there is none.
std::string peer_text(int descriptor);

}  // namespace us
