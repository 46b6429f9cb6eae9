#include "tests/determinism/reality_probe.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <ctime>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

enum asked { clock_of, time_of_day, seconds, chance, entropy, process, count };
constexpr std::array<const char*, count> names{"clock_gettime", "gettimeofday", "time",
                                               "getrandom",     "getentropy",   "getpid"};
std::atomic<bool> counting{false};
std::array<std::atomic<unsigned>, count> counts{};

void note(asked what) {
  if (counting.load(std::memory_order_relaxed)) ++counts[what];
}

}  // namespace

// The names of the C library: a definition in the program comes first wherever they are called.
extern "C" {

int clock_gettime(clockid_t which, timespec* into) noexcept {
  note(clock_of);
  return static_cast<int>(syscall(SYS_clock_gettime, which, into));
}

int gettimeofday(timeval* into, void* zone) noexcept {
  note(time_of_day);
  return static_cast<int>(syscall(SYS_gettimeofday, into, zone));
}

time_t time(time_t* into) noexcept {
  note(seconds);
  timespec now{};
  syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
  if (into != nullptr) *into = now.tv_sec;
  return now.tv_sec;
}

ssize_t getrandom(void* into, std::size_t size, unsigned flags) {
  note(chance);
  return syscall(SYS_getrandom, into, size, flags);
}

int getentropy(void* into, std::size_t size) {
  note(entropy);
  return syscall(SYS_getrandom, into, size, 0) == static_cast<long>(size) ? 0 : -1;
}

pid_t getpid() noexcept {
  note(process);
  return static_cast<pid_t>(syscall(SYS_getpid));
}

}  // extern "C"

namespace us::test {

reality_probe::reality_probe() {
  for (auto& each : counts) each = 0;
  counting = true;
}

reality_probe::~reality_probe() {
  counting = false;
}

std::string reality_probe::seen() const {
  std::string text;
  for (std::size_t i = 0; i < count; ++i)
    if (counts[i] > 0)
      text += (text.empty() ? "" : " ") + std::string{names[i]} + " " + std::to_string(counts[i]);
  return text;
}

}  // namespace us::test
