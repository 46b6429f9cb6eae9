#include "runtime/live/socket.hpp"

#include <cstring>
#include <system_error>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace us {

namespace {

constexpr int backlog = 256;

failure cannot_listen(const endpoint& where, const std::string& what, int number) {
  auto address = what + " " + to_string(where);
  if (number == EADDRINUSE)
    return {errc::io_failed,
            address + " is in use by another program; stop that one or choose another port"};
  if (number == EADDRNOTAVAIL)
    return {errc::io_failed, address + " is no address of this machine; choose one that is"};
  return {errc::io_failed,
          "cannot listen on " + address + ": " + std::generic_category().message(number)};
}

owned_socket bound(const addrinfo& at) {
  const bool stream = at.ai_socktype == SOCK_STREAM;
  const int type = stream ? SOCK_STREAM | SOCK_NONBLOCK : SOCK_DGRAM;
  owned_socket s{::socket(at.ai_family, type | SOCK_CLOEXEC, 0)};
  int on = 1;
  // Datagram sockets that reuse an address would share it.
  if (!s || (stream && ::setsockopt(s.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) ||
      ::bind(s.get(), at.ai_addr, at.ai_addrlen) != 0 ||
      (stream && ::listen(s.get(), backlog) != 0)) {
    auto number = errno;
    s = owned_socket{};
    errno = number;
  }
  return s;
}

}  // namespace

owned_socket& owned_socket::operator=(owned_socket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

owned_socket::~owned_socket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

namespace {

result<owned_socket> bind_to(const endpoint& where, const std::string& what, int type) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = type;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  auto answer =
      ::getaddrinfo(where.host.c_str(), std::to_string(where.port).c_str(), &hints, &found);
  if (answer != 0)
    return failure{errc::invalid_config, what + " " + to_string(where) +
                                             " cannot be resolved: " + ::gai_strerror(answer)};
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses{found, ::freeaddrinfo};
  auto s = bound(*addresses);
  if (!s) return cannot_listen(where, what, errno);
  return s;
}

}  // namespace

result<owned_socket> listen_on(const endpoint& where, const std::string& what) {
  return bind_to(where, what, SOCK_STREAM);
}

result<owned_socket> bind_datagrams(const endpoint& where, const std::string& what) {
  return bind_to(where, what, SOCK_DGRAM);
}

std::uint16_t bound_port(const owned_socket& s) {
  sockaddr_storage at{};
  socklen_t size = sizeof at;
  if (::getsockname(s.get(), reinterpret_cast<sockaddr*>(&at), &size) != 0) return 0;
  if (at.ss_family == AF_INET6) return ntohs(reinterpret_cast<sockaddr_in6&>(at).sin6_port);
  return ntohs(reinterpret_cast<sockaddr_in&>(at).sin_port);
}

std::string peer_text(int descriptor) {
  sockaddr_storage at{};
  socklen_t size = sizeof at;
  char host[64];
  char port[16];
  if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&at), &size) != 0 ||
      ::getnameinfo(reinterpret_cast<sockaddr*>(&at), size, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return "unknown";
  return std::string{host} + ":" + port;
}

}  // namespace us
