#include "tests/live/raw_peer.hpp"

#include "messages/wire.hpp"
#include "runtime/live/socket.hpp"

#include <cstring>
#include <stdexcept>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "messages/link.capnp.h"

namespace us::test {

raw_peer::raw_peer(std::uint16_t port) : descriptor_(-1) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (;;) {
    descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(descriptor_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0) return;
    ::close(descriptor_);
    std::this_thread::yield();
  }
}

raw_peer raw_peer::accept_on(std::uint16_t port) {
  auto listener = listen_on({"127.0.0.1", port}, "test");
  pollfd wait{listener->get(), POLLIN, 0};
  ::poll(&wait, 1, 30'000);
  auto descriptor = ::accept4(listener->get(), nullptr, nullptr, SOCK_CLOEXEC);
  if (descriptor < 0) throw std::runtime_error{"nobody connected"};
  return raw_peer{descriptor, 0};
}

raw_peer::~raw_peer() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

raw_peer::raw_peer(raw_peer&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

void raw_peer::send(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
}

void raw_peer::send(const frame& f) {
  send(wire_header(f));
  send(f.payload());
}

bool raw_peer::read_exactly(std::span<std::byte> into) {
  while (!into.empty()) {
    auto got = ::recv(descriptor_, into.data(), into.size(), 0);
    if (got <= 0) return false;
    into = into.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

std::optional<frame> raw_peer::receive() {
  std::array<std::byte, wire_header_bytes> header;
  if (!read_exactly(header)) return std::nullopt;
  std::uint32_t size = 0;
  std::memcpy(&size, header.data(), sizeof size);
  std::vector<std::byte> payload(size);
  frame f;
  if (!read_exactly(payload) || frame::decode(payload, {}, f) != frame_error::none)
    return std::nullopt;
  return f;
}

void raw_peer::await_close() {
  std::byte sink[4096];
  while (::recv(descriptor_, sink, sizeof sink, 0) > 0) {
  }
}

bool raw_peer::closed() {
  std::byte one;
  auto got = ::recv(descriptor_, &one, 1, MSG_DONTWAIT | MSG_PEEK);
  return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
}

frame make_hello(const hello_words& words) {
  return make_frame<message::Hello>(
      {0, {node_id_of(words.node), {}}, {}, {}}, [&](message::Hello::Builder hello) {
        hello.setVersion(words.version);
        hello.setCluster(words.cluster);
        hello.setNode(words.node);
        hello.setExpects(words.expects);
        hello.setIncarnation(words.incarnation);
      });
}

}  // namespace us::test
