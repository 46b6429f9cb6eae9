#include "actors/app/descriptors.hpp"

#include <pthread.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <system_error>
#include <unistd.h>

namespace us {

namespace {

descriptor checked(int number, const char* what) {
  if (number < 0) throw std::system_error{errno, std::generic_category(), what};
  return descriptor{number};
}

void set_timer(int fd, std::chrono::milliseconds delay) {
  itimerspec when{};
  when.it_value.tv_sec = delay.count() / 1000;
  when.it_value.tv_nsec = delay.count() % 1000 * 1'000'000;
  timerfd_settime(fd, 0, &when, nullptr);
}

}  // namespace

void descriptor::reset() {
  if (number_ >= 0) close(number_);
  number_ = -1;
}

signal_queue::signal_queue(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : signals) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  fd_ = checked(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd");
}

int signal_queue::next() {
  signalfd_siginfo info{};
  auto got = read(fd_.get(), &info, sizeof info);
  return got == static_cast<ssize_t>(sizeof info) ? static_cast<int>(info.ssi_signo) : 0;
}

timer::timer()
    : fd_(checked(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), "timerfd")) {}

void timer::arm(std::chrono::milliseconds delay) {
  set_timer(fd_.get(), std::max(delay, std::chrono::milliseconds{1}));
}

void timer::disarm() {
  set_timer(fd_.get(), std::chrono::milliseconds{0});
}

bool timer::expired() {
  std::uint64_t count = 0;
  return read(fd_.get(), &count, sizeof count) == static_cast<ssize_t>(sizeof count);
}

wakeup::wakeup() : fd_(checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")) {}

void wakeup::ring() const {
  std::uint64_t one = 1;
  // Fails only when it is ringing already.
  [[maybe_unused]] auto written = write(fd_.get(), &one, sizeof one);
}

std::pair<descriptor, descriptor> make_pipe() {
  int ends[2] = {-1, -1};
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
    throw std::system_error{errno, std::generic_category(), "pipe"};
  return {descriptor{ends[0]}, descriptor{ends[1]}};
}

}  // namespace us
