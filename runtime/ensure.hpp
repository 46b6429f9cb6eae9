#pragma once
/// ensure(condition, operands...): an invariant of our own code, always checked. On failure it
/// throws invariant_violation with the condition, the place and the operands' values: the
/// actor ends, its supervisor replaces it from what the disk holds. Never for what a
/// peer, a disk or a client sent: that is an error.

#include <sstream>
#include <stdexcept>
#include <string>

namespace us {

struct invariant_violation : std::logic_error {
  using std::logic_error::logic_error;
};

template <class... Operands>
[[noreturn]] void fail_ensure(const char* condition, const char* file, int line,
                              const Operands&... operands) {
  std::ostringstream text;
  text << file << ":" << line << ": ensure(" << condition << ") failed";
  ((text << " [" << operands << "]"), ...);
  throw invariant_violation{text.str()};
}

}  // namespace us

#define ensure(condition, ...) \
  ((condition) ? void() : ::us::fail_ensure(#condition, __FILE__, __LINE__ __VA_OPT__(, ) __VA_ARGS__))
