#include "runtime/live/probe_job.hpp"

#include <netdb.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <system_error>

namespace us {

namespace {

std::string text_of(int number) {
  auto text = std::generic_category().message(number);
  if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

probe_result bad(std::string why) {
  return {false, std::move(why)};
}

/// Connects; then, for http, asks and reads the status line.
class socket_job final : public probe_job {
 public:
  socket_job(owned_socket s, const probe& what) : socket_(std::move(s)), what_(what) {
    if (what.kind != probe_kind::http) return;
    request_ = "GET " + what.path +
               " HTTP/1.1\r\nHost: " + (what.host.empty() ? to_string(what.where) : what.host) +
               "\r\nUser-Agent: understudy\r\nConnection: close\r\n\r\n";
  }

  int descriptor() const override { return socket_.get(); }
  short events() const override { return connected_ && request_.empty() ? POLLIN : POLLOUT; }

  std::optional<probe_result> ready() override {
    if (!connected_) return connected();
    return request_.empty() ? read() : write();
  }

 private:
  std::optional<probe_result> connected() {
    int number = 0;
    socklen_t size = sizeof number;
    (void)::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &number, &size);
    if (number != 0) return bad(text_of(number));
    connected_ = true;
    if (what_.kind == probe_kind::tcp) return probe_result{true, {}};
    return write();
  }

  std::optional<probe_result> write() {
    const auto count = ::send(socket_.get(), request_.data(), request_.size(), MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN && errno != EINTR) return bad(text_of(errno));
    if (count > 0) request_.erase(0, static_cast<std::size_t>(count));
    return std::nullopt;
  }

  std::optional<probe_result> read() {
    std::array<char, 64> piece;
    const auto count = ::recv(socket_.get(), piece.data(), piece.size(), 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
    if (count < 0) return bad(text_of(errno));
    if (count == 0) return bad("closed without a status");
    answer_.append(piece.data(), static_cast<std::size_t>(count));
    // "HTTP/1.1 200"
    constexpr std::size_t status_at = 9;
    if (answer_.size() < status_at + 3) return std::nullopt;
    const auto digits = answer_.substr(status_at, 3);
    if (!answer_.starts_with("HTTP/1.") ||
        !std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }))
      return bad("no HTTP answer");
    const auto status = std::stoi(digits);
    const bool well = status >= what_.status_min && status <= what_.status_max;
    return probe_result{well, well ? "" : "status " + digits};
  }

  owned_socket socket_;
  probe what_;
  bool connected_ = false;
  std::string request_;
  std::string answer_;
};

started_probe start_connection(const probe& what) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;  // never blocks
  addrinfo* found = nullptr;
  const auto answer = ::getaddrinfo(what.where.host.c_str(),
                                    std::to_string(what.where.port).c_str(), &hints, &found);
  if (answer != 0) return {nullptr, bad(what.where.host + " is no IP address")};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> address{found, ::freeaddrinfo};
  owned_socket s{::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!s) return {nullptr, bad(text_of(errno))};
  // Closed without waiting: thousands of checks must not fill the table of connections.
  const linger at_once{1, 0};
  (void)::setsockopt(s.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  if (::connect(s.get(), found->ai_addr, found->ai_addrlen) != 0 && errno != EINPROGRESS)
    return {nullptr, bad(text_of(errno))};
  return {std::make_unique<socket_job>(std::move(s), what), {}};
}

}  // namespace

started_probe start_probe(const probe& what) {
  return what.kind == probe_kind::command ? start_command(what.command) : start_connection(what);
}

}  // namespace us
