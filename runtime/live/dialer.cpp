#include "runtime/live/dialer.hpp"

#include "runtime/live/posix_error.hpp"

#include <system_error>

#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace us {

namespace {

constexpr int attempt_ms_max = 1000;

struct connecting {
  owned_socket socket;
  int error = 0;
};

// Waits until the connection stands or failed, or `stop` is readable. A signal starts the
// wait anew: attempts are bounded well enough.
int await_connected(int descriptor, int stop) {
  pollfd waits[2] = {{descriptor, POLLOUT, 0}, {stop, POLLIN, 0}};
  auto ready = retry_interrupted([&] { return ::poll(waits, 2, attempt_ms_max); });
  if (ready < 0) return errno;
  if (ready == 0) return ETIMEDOUT;
  if (waits[1].revents != 0) return ECANCELED;
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
  return error;
}

connecting connect_to(const addrinfo& at, int stop) {
  owned_socket s{::socket(at.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!s) return {owned_socket{}, errno};
  if (::connect(s.get(), at.ai_addr, at.ai_addrlen) == 0) return {std::move(s), 0};
  // An interrupted connect goes on by itself, as one that is in progress does.
  if (errno != EINPROGRESS && errno != EINTR) return {owned_socket{}, errno};
  auto error = await_connected(s.get(), stop);
  if (error != 0) return {owned_socket{}, error};
  return {std::move(s), 0};
}

}  // namespace

dialer::dialer(endpoint where)
    : where_(std::move(where)),
      stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { run(); }) {}

dialer::~dialer() {
  {
    std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  std::uint64_t one = 1;
  (void)!::write(stop_.get(), &one, sizeof one);
  changed_.notify_one();
}

void dialer::dial(std::function<void(dial_outcome)> done) {
  {
    std::lock_guard lock{mutex_};
    wanted_ = std::move(done);
  }
  changed_.notify_one();
}

void dialer::run() {
  for (;;) {
    std::function<void(dial_outcome)> done;
    {
      std::unique_lock lock{mutex_};
      changed_.wait(lock, [this] { return wanted_ || stopping_; });
      if (stopping_) return;
      done = std::exchange(wanted_, nullptr);
    }
    done(attempt());
  }
}

dial_outcome dialer::attempt() {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  auto answer =
      ::getaddrinfo(where_.host.c_str(), std::to_string(where_.port).c_str(), &hints, &found);
  if (answer != 0) return {owned_socket{}, false, ::gai_strerror(answer)};
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses{found, ::freeaddrinfo};
  dial_outcome last;
  last.refused = true;
  for (auto* at = addresses.get(); at != nullptr; at = at->ai_next) {
    auto tried = connect_to(*at, stop_.get());
    if (tried.socket) return {std::move(tried.socket), false, {}};
    last.refused = last.refused && tried.error == ECONNREFUSED;
    last.error = std::generic_category().message(tried.error);
    if (tried.error == ECANCELED) break;
  }
  return last;
}

}  // namespace us
