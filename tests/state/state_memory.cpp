// Memory and CPU of the state in memory: state_memory [keys] (16-byte keys, 160-byte values).
#include "runtime/state/memory_state.hpp"

#include <malloc.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace {

double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

std::string key_of(std::uint64_t number) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx",
                static_cast<unsigned long long>(number * 0x9e3779b97f4a7c15));
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  const auto keys = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  auto state = us::make_memory_state();
  auto before = ::mallinfo2().uordblks + ::mallinfo2().hblkhd;
  auto start = cpu_seconds();
  const std::string value(160, 'v');
  for (std::uint64_t i = 0; i < keys; ++i) {
    const auto key = key_of(i);
    const us::state_change put{us::change_kind::put, key, value};
    state->apply({&put, 1}, {});
  }
  auto took = cpu_seconds() - start;
  auto used = ::mallinfo2().uordblks + ::mallinfo2().hblkhd - before;
  start = cpu_seconds();
  std::uint64_t bytes = 0;
  for (std::uint64_t i = 0; i < keys; ++i) bytes += state->get(key_of(i))->size();
  auto get = cpu_seconds() - start;
  const auto count = static_cast<double>(keys);
  std::printf(
      "%llu keys of 16 B, values of 160 B: %.1f bytes a key (%.2f x), put %.0f ns, get %.0f ns\n",
      static_cast<unsigned long long>(keys), static_cast<double>(used) / count,
      static_cast<double>(used) / count / 176, took / count * 1e9, get / count * 1e9);
  return bytes == keys * 160 ? 0 : 1;
}
