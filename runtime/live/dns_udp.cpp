#include "runtime/live/dns_udp.hpp"

#include "runtime/dns/rate_limit.hpp"
#include "runtime/dns/respond.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <vector>

namespace us {

namespace {

constexpr unsigned batch_max = 64;
constexpr std::size_t query_max = 4096;  ///< more than any query needs; the rest is cut off
constexpr int receive_buffer = 4 << 20;
// Only how late an end is seen when the kernel does not tell.
constexpr timeval look_up_every{0, 250'000};

std::span<const std::uint8_t> bytes_of(const sockaddr_storage& from) {
  if (from.ss_family == AF_INET6)
    return reinterpret_cast<const sockaddr_in6&>(from).sin6_addr.s6_addr;
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(from).sin_addr;
  return {reinterpret_cast<const std::uint8_t*>(&v4), sizeof v4};
}

bool is_loopback(const sockaddr_storage& from) {
  if (from.ss_family == AF_INET6)
    return IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6&>(from).sin6_addr);
  return bytes_of(from)[0] == 127;
}

/// Memory of one batch, and the calls that fill and empty it.
class batch {
 public:
  batch() {
    for (unsigned i = 0; i < batch_max; ++i) {
      in_[i] = {queries_[i].data(), query_max};
      out_[i] = {responses_[i].data(), 0};
    }
  }
  batch(const batch&) = delete;
  batch& operator=(const batch&) = delete;

  /// The number of queries; 0: none came.
  unsigned receive(int socket) {
    for (unsigned i = 0; i < batch_max; ++i) {
      auto& head = received_[i].msg_hdr;
      head = {};
      head.msg_name = &from_[i];
      head.msg_namelen = sizeof from_[i];
      head.msg_iov = &in_[i];
      head.msg_iovlen = 1;
      head.msg_control = control_[i].data();
      head.msg_controllen = control_[i].size();
    }
    const auto count = ::recvmmsg(socket, received_.data(), batch_max, MSG_WAITFORONE, nullptr);
    sending_ = 0;
    return count > 0 ? static_cast<unsigned>(count) : 0;
  }

  dns::packet_bytes query(unsigned i) const { return {queries_[i].data(), received_[i].msg_len}; }
  const sockaddr_storage& from(unsigned i) const { return from_[i]; }
  std::span<std::uint8_t> room(unsigned i) { return responses_[i]; }

  /// The response to query i is ready. It leaves from the address that the query came to.
  void respond(unsigned i, std::size_t size) {
    out_[i].iov_len = size;
    auto& head = sent_[sending_++].msg_hdr;
    head = {};
    head.msg_name = &from_[i];
    head.msg_namelen = received_[i].msg_hdr.msg_namelen;
    head.msg_iov = &out_[i];
    head.msg_iovlen = 1;
    if (received_[i].msg_hdr.msg_controllen == 0) return;
    head.msg_control = control_[i].data();
    head.msg_controllen = received_[i].msg_hdr.msg_controllen;
  }

  // What the kernel does not take is lost, as datagrams are: the client asks again.
  void send(int socket) {
    for (unsigned at = 0; at < sending_;) {
      const auto count = ::sendmmsg(socket, &sent_[at], sending_ - at, 0);
      if (count < 0 && errno == EINTR) continue;
      at += count > 0 ? static_cast<unsigned>(count) : 1;
    }
  }

 private:
  template <class T>
  using each = std::array<T, batch_max>;

  each<std::array<std::uint8_t, query_max>> queries_;
  each<std::array<std::uint8_t, dns::datagram_max>> responses_;
  each<std::array<std::uint8_t, 64>> control_;
  each<sockaddr_storage> from_;
  each<iovec> in_;
  each<iovec> out_;
  each<mmsghdr> received_;
  each<mmsghdr> sent_;
  unsigned sending_ = 0;
};

struct responder {
  responder(int socket_of, const dns_udp_options& options,
            std::shared_ptr<const dns::current_answers> from, metrics& count_into)
      : socket(socket_of),
        how(options),
        answers(std::move(from)),
        counters(count_into, "udp"),
        limiter(how.responses_per_second, how.seed),
        turn(static_cast<std::uint32_t>(how.seed)) {}

  int socket;
  dns_udp_options how;
  std::shared_ptr<const dns::current_answers> answers;
  dns_counters counters;
  dns::rate_limiter limiter;
  std::uint32_t turn;
  batch work;

  dns::ruling judge(unsigned i, std::chrono::steady_clock::time_point now) {
    if (!limiter.limits() || (!how.limit_loopback && is_loopback(work.from(i))))
      return dns::ruling::send;
    return limiter.judge(bytes_of(work.from(i)), now);
  }

  void answer(unsigned i, const dns::answer_table* table, dns::ruling ruled) {
    counters.query();
    if (ruled != dns::ruling::send) counters.limited();
    if (ruled == dns::ruling::drop) return;
    const auto done =
        ruled == dns::ruling::truncate
            ? dns::respond_truncated(work.query(i), work.room(i))
            : dns::respond(table, work.query(i), dns::transport::udp, turn, work.room(i));
    if (done.size == 0) return;
    counters.answered(done);
    work.respond(i, done.size);
  }

  void run(const std::atomic<bool>& ending) {
    while (!ending) {
      const auto count = work.receive(socket);
      if (count == 0) continue;
      const auto table = answers->get();
      const auto now = limiter.limits() ? std::chrono::steady_clock::now()
                                        : std::chrono::steady_clock::time_point{};
      for (unsigned i = 0; i < count; ++i) answer(i, table.get(), judge(i, now));
      work.send(socket);
      counters.flush();
    }
  }
};

// A socket at the wildcard address says to which address a query came, so that the response
// leaves from there.
status configure(int socket, const endpoint& where) {
  int on = 1;
  (void)::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  if (where.host == "0.0.0.0") (void)::setsockopt(socket, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
  if (where.host == "::")
    (void)::setsockopt(socket, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
  if (::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &look_up_every, sizeof look_up_every) != 0)
    return failure{errc::io_failed, std::string{"dns: "} + std::strerror(errno)};
  return done{};
}

}  // namespace

result<std::unique_ptr<dns_udp>> dns_udp::open(const endpoint& where, const dns_udp_options& how,
                                               std::shared_ptr<const dns::current_answers> answers,
                                               std::shared_ptr<metrics> count_into) {
  auto bound = bind_datagrams(where, "dns (UDP)");
  if (!bound) return bound.error();
  if (auto ready = configure(bound->get(), where); !ready) return ready.error();
  std::unique_ptr<dns_udp> made{new dns_udp{std::move(*bound)}};
  auto work =
      std::make_unique<responder>(made->socket_.get(), how, std::move(answers), *count_into);
  made->thread_ = std::thread{
      [own = made.get(), work = std::move(work), count_into] { work->run(own->ending_); }};
  return made;
}

dns_udp::~dns_udp() {
  ending_ = true;
  ::shutdown(socket_.get(), SHUT_RDWR);  // wakes the thread
  if (thread_.joinable()) thread_.join();
}

}  // namespace us
