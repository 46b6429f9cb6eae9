#include "runtime/live/dns_tcp.hpp"

#include "runtime/dns/respond.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <list>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <vector>

namespace us {

namespace {

using time_of = std::chrono::steady_clock::time_point;

constexpr std::size_t query_max = 4096;
constexpr std::size_t waiting_max = 64u << 10;
constexpr std::size_t prefix = 2;
constexpr int look_up_every_ms = 250;  ///< for what has been idle too long

struct connection {
  owned_socket socket;
  time_of active;
  std::vector<std::uint8_t> in;
  std::string out;
  bool over = false;
};

class tcp_responder {
 public:
  tcp_responder(int listener, const dns_tcp_options& how,
                std::shared_ptr<const dns::current_answers> answers, metrics& count_into)
      : listener_(listener),
        how_(how),
        answers_(std::move(answers)),
        counters_(count_into, "tcp"),
        response_(dns::message_max) {}

  void run(const std::atomic<bool>& ending) {
    while (!ending) {
      wait();
      now_ = std::chrono::steady_clock::now();
      auto at = connections_.begin();
      for (std::size_t i = 1; i < watched_.size(); ++i, ++at) serve(*at, watched_[i].revents);
      if (watched_[0].revents != 0) accept_all();
      connections_.remove_if(
          [this](const connection& c) { return c.over || now_ - c.active > how_.idle; });
      counters_.flush();
    }
  }

 private:
  void wait() {
    watched_.assign(1, {listener_, POLLIN, 0});
    for (const auto& c : connections_) {
      const short reads = c.out.size() < waiting_max ? POLLIN : 0;
      const short writes = c.out.empty() ? 0 : POLLOUT;
      watched_.push_back({c.socket.get(), static_cast<short>(reads | writes), 0});
    }
    if (::poll(watched_.data(), watched_.size(), look_up_every_ms) < 0)
      for (auto& each : watched_) each.revents = 0;
  }

  void accept_all() {
    for (;;) {
      owned_socket taken{::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
      if (!taken) return;
      int on = 1;
      (void)::setsockopt(taken.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      if (connections_.size() >= how_.connections_max)
        connections_.erase(std::min_element(
            connections_.begin(), connections_.end(),
            [](const connection& a, const connection& b) { return a.active < b.active; }));
      connections_.push_back({std::move(taken), now_, {}, {}});
    }
  }

  void serve(connection& c, short events) {
    if ((events & (POLLERR | POLLNVAL)) != 0) c.over = true;
    if (!c.over && (events & (POLLIN | POLLHUP)) != 0) read(c);
    if (!c.over && !c.out.empty()) write(c);
  }

  void read(connection& c) {
    std::array<std::uint8_t, query_max> piece;
    const auto count = ::recv(c.socket.get(), piece.data(), piece.size(), 0);
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) c.over = true;
    if (count <= 0) return;
    c.in.insert(c.in.end(), piece.data(), piece.data() + count);
    std::size_t at = 0;
    while (!c.over && c.in.size() - at >= prefix) {
      const std::size_t size = static_cast<std::size_t>(c.in[at] << 8 | c.in[at + 1]);
      if (size > query_max) c.over = true;
      if (size > query_max || c.in.size() - at < prefix + size) break;
      answer(c, {c.in.data() + at + prefix, size});
      at += prefix + size;
    }
    c.in.erase(c.in.begin(), c.in.begin() + static_cast<std::ptrdiff_t>(at));
  }

  void answer(connection& c, dns::packet_bytes query) {
    counters_.query();
    const auto table = answers_->get();
    const auto done = dns::respond(table.get(), query, dns::transport::tcp, turn_, response_);
    if (done.size == 0) {
      c.over = true;
      return;
    }
    counters_.answered(done);
    c.active = now_;
    c.out += static_cast<char>(done.size >> 8);
    c.out += static_cast<char>(done.size & 0xff);
    c.out.append(reinterpret_cast<const char*>(response_.data()), done.size);
  }

  void write(connection& c) {
    const auto count = ::send(c.socket.get(), c.out.data(), c.out.size(), MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN && errno != EINTR) c.over = true;
    if (count <= 0) return;
    c.out.erase(0, static_cast<std::size_t>(count));
    c.active = now_;
  }

  int listener_;
  dns_tcp_options how_;
  std::shared_ptr<const dns::current_answers> answers_;
  dns_counters counters_;
  std::vector<std::uint8_t> response_;
  std::uint32_t turn_ = 0;
  time_of now_{};
  std::list<connection> connections_;
  std::vector<pollfd> watched_;
};

}  // namespace

result<std::unique_ptr<dns_tcp>> dns_tcp::open(const endpoint& where, const dns_tcp_options& how,
                                               std::shared_ptr<const dns::current_answers> answers,
                                               std::shared_ptr<metrics> count_into) {
  auto bound = listen_on(where, "dns (TCP)");
  if (!bound) return bound.error();
  std::unique_ptr<dns_tcp> made{new dns_tcp{std::move(*bound)}};
  auto work =
      std::make_unique<tcp_responder>(made->listener_.get(), how, std::move(answers), *count_into);
  made->thread_ = std::thread{
      [own = made.get(), work = std::move(work), count_into] { work->run(own->ending_); }};
  return made;
}

dns_tcp::~dns_tcp() {
  ending_ = true;
  ::shutdown(listener_.get(), SHUT_RDWR);  // wakes the thread
  if (thread_.joinable()) thread_.join();
}

}  // namespace us
