#include "tests/kv/idle_clients.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace kv::test {

namespace {

struct order {
  std::uint32_t count;
  std::uint16_t port;
};

std::uint32_t connect_all(const order& wanted) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(wanted.port);
  std::uint32_t connected = 0;
  while (connected < wanted.count) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0 || ::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
      break;
    ++connected;
  }
  return connected;
}

}  // namespace

idle_clients::idle_clients() {
  int orders[2];
  int reports[2];
  if (::pipe2(orders, O_CLOEXEC) != 0 || ::pipe2(reports, O_CLOEXEC) != 0)
    throw std::runtime_error{"pipe failed"};
  process_ = ::fork();
  if (process_ == 0) {
    ::close(orders[1]);
    ::close(reports[0]);
    serve(orders[0], reports[1]);
  }
  ::close(orders[0]);
  ::close(reports[1]);
  orders_ = orders[1];
  reports_ = reports[0];
}

void idle_clients::serve(int orders, int reports) {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  order wanted{};
  if (::read(orders, &wanted, sizeof wanted) == sizeof wanted) {
    const auto connected = connect_all(wanted);
    if (::write(reports, &connected, sizeof connected) == sizeof connected)
      (void)!::read(orders, &wanted, 1);  // until the other side closes
  }
  ::_exit(0);
}

std::uint32_t idle_clients::connect(std::uint16_t port, std::uint32_t count) {
  const order wanted{count, port};
  std::uint32_t connected = 0;
  if (::write(orders_, &wanted, sizeof wanted) != sizeof wanted ||
      ::read(reports_, &connected, sizeof connected) != sizeof connected)
    return 0;
  return connected;
}

void idle_clients::release() {
  if (process_ < 0) return;
  ::close(orders_);
  ::close(reports_);
  ::waitpid(std::exchange(process_, -1), nullptr, 0);
}

idle_clients::~idle_clients() {
  release();
}

}  // namespace kv::test
