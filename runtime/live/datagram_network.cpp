#include "runtime/live/datagram_network.hpp"

#include "messages/wire.hpp"
#include "runtime/live/posix_error.hpp"
#include "runtime/node/node_actor.hpp"

#include <netdb.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <unistd.h>

namespace us {

namespace {

/// One turn takes at most so many datagrams of a path, so that others have theirs.
constexpr int turn_max = 64;

struct resolved {
  sockaddr_storage where{};
  socklen_t size = 0;
};

result<resolved> resolve(const endpoint& where) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const auto answer =
      ::getaddrinfo(where.host.c_str(), std::to_string(where.port).c_str(), &hints, &found);
  if (answer != 0)
    return failure{errc::invalid_config,
                   to_string(where) + " cannot be resolved: " + ::gai_strerror(answer)};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses{found, ::freeaddrinfo};
  resolved made;
  made.size = addresses->ai_addrlen;
  std::memcpy(&made.where, addresses->ai_addr, made.size);
  return made;
}

bool same(const sockaddr_storage& x, const sockaddr_storage& y) {
  if (x.ss_family != y.ss_family) return false;
  if (x.ss_family == AF_INET6) {
    const auto& a = reinterpret_cast<const sockaddr_in6&>(x);
    const auto& b = reinterpret_cast<const sockaddr_in6&>(y);
    return a.sin6_port == b.sin6_port &&
           std::memcmp(&a.sin6_addr, &b.sin6_addr, sizeof a.sin6_addr) == 0;
  }
  const auto& a = reinterpret_cast<const sockaddr_in&>(x);
  const auto& b = reinterpret_cast<const sockaddr_in&>(y);
  return a.sin_port == b.sin_port && a.sin_addr.s_addr == b.sin_addr.s_addr;
}

}  // namespace

result<std::shared_ptr<datagram_network>> datagram_network::open(
    const std::vector<datagram_path>& paths) {
  std::shared_ptr<datagram_network> made{new datagram_network};
  for (const auto& each : paths)
    if (auto added = made->add(each); !added) return added.error();
  made->wakeup_ = owned_socket{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  if (!made->wakeup_) return posix_failure("cannot make", "an eventfd", errno);
  return made;
}

status datagram_network::add(const datagram_path& from) {
  auto own = resolve(from.own);
  if (!own) return own.error();
  path made;
  made.socket =
      owned_socket{::socket((*own).where.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  const int on = 1;
  const bool v6 = (*own).where.ss_family == AF_INET6;
  if (!made.socket ||
      ::setsockopt(made.socket.get(), v6 ? IPPROTO_IPV6 : IPPROTO_IP,
                   v6 ? IPV6_RECVERR : IP_RECVERR, &on, sizeof on) != 0 ||
      ::bind(made.socket.get(), reinterpret_cast<const sockaddr*>(&(*own).where), (*own).size) != 0)
    return failure{errc::io_failed, "cannot take heartbeats on " + to_string(from.own) +
                                        "/udp: " + std::string{std::strerror(errno)} +
                                        "; name an address of this machine and a free port"};
  for (const auto& [node, where] : from.peers) {
    auto found = resolve(where);
    if (!found) return found.error();
    made.peers[node] = {(*found).where, (*found).size};
  }
  paths_.push_back(std::move(made));
  return done{};
}

datagram_network::~datagram_network() {
  stop();
}

void datagram_network::start(const node_ptr& node, refused_function refused) {
  node_ = node;
  refused_ = std::move(refused);
  thread_ = std::thread{[this] { run(); }};
}

void datagram_network::stop() {
  if (!thread_.joinable()) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wakeup_.get(), &one, sizeof one);
  thread_.join();
  node_.reset();
  refused_ = {};
}

errc datagram_network::send(node_id to, const frame& f) {
  auto header = wire_header(f);
  const auto payload = f.payload();
  if (header.size() + payload.size() > datagram_max) return errc::overloaded;
  std::array<iovec, 2> parts{
      {{header.data(), header.size()}, {const_cast<std::byte*>(payload.data()), payload.size()}}};
  auto answer = errc::unreachable;
  for (const auto& path : paths_) {
    const auto at = path.peers.find(to);
    if (at == path.peers.end()) continue;
    msghdr message{};
    message.msg_name = const_cast<sockaddr_storage*>(&at->second.where);
    message.msg_namelen = at->second.size;
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    // The first call may only bring the error of an earlier datagram; the receiving thread reads
    // it.
    for (int attempt = 0; attempt < 2; ++attempt) {
      if (::sendmsg(path.socket.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) continue;
      answer = errc::none;
      break;
    }
  }
  return answer;
}

void datagram_network::run() {
  std::vector<pollfd> watched{{wakeup_.get(), POLLIN, 0}};
  for (const auto& path : paths_) watched.push_back({path.socket.get(), POLLIN, 0});
  for (;;) {
    if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) return;
    if (watched.front().revents != 0) return;
    for (std::size_t i = 0; i < paths_.size(); ++i) {
      const auto ready = watched[i + 1].revents;
      if ((ready & POLLERR) != 0) read_errors(paths_[i]);
      if ((ready & POLLIN) != 0) receive(paths_[i]);
    }
  }
}

void datagram_network::receive(const path& from) {
  alignas(8) std::array<std::byte, datagram_max> buffer;
  for (int i = 0; i < turn_max; ++i) {
    sockaddr_storage by{};
    socklen_t size = sizeof by;
    const auto got = ::recvfrom(from.socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT,
                                reinterpret_cast<sockaddr*>(&by), &size);
    if (got < 0) return;
    deliver(from, {buffer.data(), static_cast<std::size_t>(got)}, by);
  }
}

void datagram_network::deliver(const path& from, std::span<const std::byte> datagram,
                               const sockaddr_storage& by) {
  const auto sender = sender_of(from, by);
  const auto drop = [this](std::string_view reason) {
    node_->metrics
        ->make_counter("understudy_datagrams_dropped_total", "Datagrams that were not delivered",
                       {{"reason", std::string{reason}}})
        .add();
  };
  if (sender.none()) return drop("unknown_sender");
  wire_reader reader{{.bytes_max = datagram_max}};
  std::vector<frame> frames;
  const auto error = reader.consume(
      datagram, [&frames](frame f) { frames.push_back(std::move(f)); }, [](frame_error) {});
  if (error != frame_error::none || frames.size() != 1 || reader.buffered() != 0)
    return drop("malformed");
  const auto& f = frames.front();
  if (f.head().from.node != sender) return drop("wrong_sender");
  if (!node_->directory->deliver(f)) report_dropped(*node_, f, "no_actor");
}

node_id datagram_network::sender_of(const path& from, const sockaddr_storage& by) {
  for (const auto& [node, target] : from.peers)
    if (same(target.where, by)) return node;
  return {};
}

void datagram_network::read_errors(const path& from) {
  for (int i = 0; i < turn_max; ++i) {
    sockaddr_storage to{};
    std::array<char, 512> control;
    msghdr message{};
    message.msg_name = &to;
    message.msg_namelen = sizeof to;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    if (::recvmsg(from.socket.get(), &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return;
    for (auto* part = CMSG_FIRSTHDR(&message); part != nullptr;
         part = CMSG_NXTHDR(&message, part)) {
      const bool error = (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_RECVERR) ||
                         (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_RECVERR);
      if (!error) continue;
      sock_extended_err what{};
      std::memcpy(&what, CMSG_DATA(part), sizeof what);
      // Only the other machine's word counts; that there is no way is the silence's business.
      if (what.ee_errno != ECONNREFUSED || what.ee_origin == SO_EE_ORIGIN_LOCAL) continue;
      const auto node = sender_of(from, to);
      if (!node.none() && refused_) refused_(node);
    }
  }
}

}  // namespace us
