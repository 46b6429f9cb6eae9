#include "tests/bench/kv/closed_loop.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <deque>
#include <netinet/tcp.h>
#include <random>
#include <stdexcept>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace us::bench {

namespace {

using clock = std::chrono::steady_clock;

struct connection {
  int fd = -1;
  std::string in;
  std::string out;
  std::deque<clock::time_point> sent;
  std::size_t replies_of_request = 0;  ///< answers seen of the request at the front
  bool failed = false;
};

double seconds_of(const timeval& t) {
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

std::string encode(std::initializer_list<std::string> parts) {
  std::string text = "*" + std::to_string(parts.size()) + "\r\n";
  for (const auto& part : parts) text += "$" + std::to_string(part.size()) + "\r\n" + part + "\r\n";
  return text;
}

int dial(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(port);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0)
    throw std::runtime_error{"cannot connect to port " + std::to_string(port)};
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

/// Length of the reply at `at`, 0 while it is not whole. Only kinds without nesting.
std::size_t reply_length(const std::string& in, std::size_t at) {
  const auto end = in.find("\r\n", at);
  if (end == std::string::npos) return 0;
  if (in[at] != '$') return end + 2 - at;
  const auto size = std::stol(in.substr(at + 1, end - at - 1));
  const auto length = end + 2 - at + (size >= 0 ? static_cast<std::size_t>(size) + 2 : 0);
  return in.size() >= at + length ? length : 0;
}

class load {
 public:
  explicit load(const load_options& how) : how_(how), connections_(how.connections) {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      connections_[i].fd = dial(how.ports[i % how.ports.size()]);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u64 = i;
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_[i].fd, &event);
    }
  }
  ~load() {
    for (auto& c : connections_) ::close(c.fd);
    ::close(epoll_);
  }
  load(const load&) = delete;
  load& operator=(const load&) = delete;

  load_result run() {
    began_ = clock::now();
    until_ = began_ + std::chrono::duration_cast<clock::duration>(
                          std::chrono::duration<double>(how_.seconds));
    for (auto& c : connections_) {
      for (std::size_t i = 0; i < how_.pipeline; ++i) add_request(c);
      flush(c);
    }
    std::array<epoll_event, 64> events;
    while (under_way_ > 0 && clock::now() < until_ + std::chrono::seconds{5}) {
      const int n = ::epoll_wait(epoll_, events.data(), events.size(), 100);
      for (int i = 0; i < n; ++i)
        receive(connections_[events[static_cast<std::size_t>(i)].data.u64]);
    }
    return result();
  }

 private:
  void add_request(connection& c) {
    const auto number = how_.first_key ? *how_.first_key + began_count_++ : chance_();
    const auto key = "key:" + std::to_string(number % how_.keys);
    c.out += how_.read ? encode({"GET", key}) : encode({"SET", key, value_});
    if (how_.wait) c.out += wait_;
    c.sent.push_back(clock::now());
    ++under_way_;
  }

  static void flush(connection& c) {
    std::size_t at = 0;
    while (at < c.out.size()) {
      const auto n = ::send(c.fd, c.out.data() + at, c.out.size() - at, MSG_NOSIGNAL);
      if (n <= 0) break;
      at += static_cast<std::size_t>(n);
    }
    c.out.clear();
  }

  void receive(connection& c) {
    std::array<char, 1 << 16> part;
    const auto n = ::recv(c.fd, part.data(), part.size(), 0);
    if (n <= 0) {
      under_way_ -= c.sent.size();
      errors_ += c.sent.size();
      c.sent.clear();
      ::epoll_ctl(epoll_, EPOLL_CTL_DEL, c.fd, nullptr);
      return;
    }
    c.in.append(part.data(), static_cast<std::size_t>(n));
    std::size_t at = 0;
    for (std::size_t length; at < c.in.size() && (length = reply_length(c.in, at)) > 0;
         at += length)
      take(c, at, length);
    c.in.erase(0, at);
    flush(c);
  }

  void take(connection& c, std::size_t at, std::size_t length) {
    const bool error =
        c.in[at] == '-' || (how_.wait && c.replies_of_request == 1 && c.in[at + 1] == '0');
    if (error && first_error_.empty()) first_error_ = c.in.substr(at, length - 2);
    c.failed = c.failed || error;
    if (++c.replies_of_request < (how_.wait ? 2u : 1u)) return;
    const auto now = clock::now();
    if (c.failed)
      ++errors_;
    else
      latencies_.push_back(std::chrono::duration<float, std::micro>(now - c.sent.front()).count());
    c.sent.pop_front();
    c.replies_of_request = 0;
    c.failed = false;
    --under_way_;
    if (now < until_) add_request(c);
  }

  load_result result() {
    const double seconds = std::chrono::duration<double>(clock::now() - began_).count();
    auto figures = result_of(std::move(latencies_), seconds, cpu_before_);
    figures.errors = errors_;
    figures.first_error = first_error_;
    return figures;
  }

  load_options how_;
  std::vector<connection> connections_;
  int epoll_ = -1;
  std::string value_ = std::string(how_.value_bytes, 'v');
  std::string wait_ = encode({"WAIT", "1", "1000"});
  std::minstd_rand chance_{7};
  double cpu_before_ = cpu_seconds();
  clock::time_point began_;
  clock::time_point until_;
  std::size_t under_way_ = 0;
  std::size_t began_count_ = 0;
  std::uint64_t errors_ = 0;
  std::string first_error_;
  std::vector<float> latencies_;
};

}  // namespace

load_result run_load(const load_options& how) {
  return load{how}.run();
}

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
}

load_result result_of(std::vector<float> latencies_us, double seconds, double cpu_before) {
  load_result result;
  result.cores = (cpu_seconds() - cpu_before) / seconds;
  std::sort(latencies_us.begin(), latencies_us.end());
  const auto percentile = [&](std::size_t p) {
    const auto at = latencies_us.size() * p / 100;
    return latencies_us.empty() ? 0 : static_cast<double>(latencies_us[at]);
  };
  result.per_second = static_cast<double>(latencies_us.size()) / seconds;
  result.p50_us = percentile(50);
  result.p99_us = percentile(99);
  result.done = latencies_us.size();
  result.latencies_us = std::move(latencies_us);
  return result;
}

}  // namespace us::bench
