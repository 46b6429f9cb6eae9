#include "tests/kv/raw_client.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace kv::test {

namespace {

constexpr int patience_ms = 60'000;

int connected(const sockaddr* to, socklen_t size) {
  const int socket = ::socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0 || ::connect(socket, to, size) != 0) {
    ::close(socket);
    throw std::runtime_error{"cannot connect"};
  }
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket;
}

}  // namespace

raw_client::raw_client(std::uint16_t port, const std::string& host) {
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    socket_ = connected(reinterpret_cast<sockaddr*>(&v4), sizeof v4);
  } else {
    ::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr);
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    socket_ = connected(reinterpret_cast<sockaddr*>(&v6), sizeof v6);
  }
}

raw_client::raw_client(raw_client&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), received_(std::move(other.received_)) {}

raw_client::~raw_client() {
  if (socket_ >= 0) ::close(socket_);
}

bool raw_client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool raw_client::read_some(std::size_t bytes_max) {
  pollfd readable{socket_, POLLIN, 0};
  if (::poll(&readable, 1, patience_ms) != 1) throw std::runtime_error{"no reply in time"};
  std::string buffer(std::min<std::size_t>(bytes_max, 1u << 16), '\0');
  const auto got = ::recv(socket_, buffer.data(), buffer.size(), 0);
  if (got <= 0) return false;
  received_.append(buffer.data(), static_cast<std::size_t>(got));
  return true;
}

std::string raw_client::read_until(std::string_view end) {
  while (!received_.ends_with(end))
    if (!read_some(1u << 16)) break;
  return std::exchange(received_, {});
}

std::string raw_client::read(std::size_t bytes) {
  while (received_.size() < bytes)
    if (!read_some(bytes - received_.size())) break;
  return std::exchange(received_, {});
}

std::string raw_client::read_to_end() {
  while (read_some(1u << 16)) {
  }
  return std::exchange(received_, {});
}

void raw_client::end_sending() {
  ::shutdown(socket_, SHUT_WR);
}

}  // namespace kv::test
